package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/invopop/jsonschema"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
)

// scoreSchema is the published schema of scorecards. What the fields are is said in the
// comments beside them.
func scoreSchema(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{DoNotReference: true, Anonymous: true}
	for _, dir := range []string{"../../internal/govern", "../../internal/finding"} { // relative to this package
		if err := r.AddGoComments("github.com/metsuke-dev/metsuke/cmd/metsuke", dir, jsonschema.WithFullComment()); err != nil {
			t.Fatal(err)
		}
	}
	s := r.Reflect(scoreDocument{})
	s.Title = "Scorecard of metsuke, version 1"
	s.Description = "How well a run found things to be, in rows. metsuke score --format json writes it."
	kind, _ := s.Properties.Get("kind")
	kind.Const = "metsuke.scorecard"
	return schemaText(t, s)
}

func TestThePublishedSchemaIsThatOfScorecards(t *testing.T) {
	published(t, "scorecard.v1.json", scoreSchema(t))
	at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	bills := []finding.Bill{
		{Provider: "aws", Scope: "1", Start: "2026-06-01", End: "2026-07-01", Metric: "NetAmortizedCost", Estimated: true, Charges: []finding.Charge{
			{Owner: "web", Account: "1", Money: finding.Money{Amount: "-1.5", Currency: "EUR"}},
		}},
		{Provider: "aws", Scope: "2", Unknown: "denied", Error: "no", Permission: "ce:GetCostAndUsage"},
	}
	run := finding.Run{ID: "r", Time: at, Spend: bills, Tallies: []finding.Tally{
		{Owner: "web", Provider: "aws", Scope: "1", Category: finding.Tagging, Severity: finding.High, Counts: finding.Counts{Pass: 1, Fail: 1}},
		{OwnerUnknown: true, Provider: "aws", Scope: "1", Category: finding.Cost, Severity: finding.Low, Counts: finding.Counts{Unknown: 1}},
	}}
	failures := []govern.Failures{{Group: govern.Group{Category: finding.Cost}, Severity: finding.High, Ages: govern.Ages{1}, SavingUSD: 1.5}}
	for _, by := range govern.ScoreBys() {
		card := govern.NewScorecard(govern.ScoreInput{By: by, Run: run, Failures: failures, Past: []govern.PastTallies{{Time: at.AddDate(0, 0, -8), Tallies: run.Tallies, Spend: bills}}})
		text, err := json.Marshal(scoreDocument{"metsuke.scorecard", 1, card})
		if err != nil {
			t.Fatal(err)
		}
		if err := validateBy(t, scoreSchema(t), string(text)); err != nil {
			t.Errorf("by %s: %v\n%s", by, err, text)
		}
	}
	if err := validateBy(t, scoreSchema(t), `{"kind": "metsuke.scorecard", "version": 1}`); err == nil {
		t.Error("the schema takes a scorecard without scores")
	}
}

func TestASparklineShowsWhenAndHowMuch(t *testing.T) {
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	at := func(days int, passing float64) govern.ScorePoint {
		return govern.ScorePoint{Time: now.AddDate(0, 0, -days), Passing: passing}
	}
	for want, past := range map[string][]govern.ScorePoint{
		"":             nil,
		"█":            {at(0, 1)},
		"▁▅":           {at(9, 0), at(8, 0), at(0, 0.5)},
		"▂          █": {at(90, 0.2), at(0, 0.99)},
		"▇":            {at(3, 0.1), at(0, 0.8)},
	} {
		if got := sparkline(past, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOnlyWhatIsWholeIsAHundredPercent(t *testing.T) {
	for want, share := range map[string]float64{"100 %": 1, "99 %": 0.999, "1 %": 0.001, "0 %": 0, "50 %": 0.5} {
		if got := percent(&share); got != want {
			t.Errorf("%v: got %s, want %s", share, got, want)
		}
	}
	if got := percent(nil); got != "-" {
		t.Errorf("nothing is %s", got)
	}
}
