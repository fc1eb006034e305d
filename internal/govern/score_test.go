package govern

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

var scoredAt = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// ago is a time before the scored run.
func ago(days int) time.Time { return scoredAt.AddDate(0, 0, -days) }

func someTally(owner, account string, c finding.Category, s finding.Severity, pass, fail, unknown int) finding.Tally {
	return finding.Tally{
		Owner: owner, Provider: "aws", Scope: account, Category: c, Severity: s,
		Counts: finding.Counts{Pass: pass, Fail: fail, Unknown: unknown, NotApplicable: 1},
	}
}

func part(share float64) *float64 { return &share }

// noTrend is the trend where there was no run before.
func noTrend() []Change { return []Change{{Days: 7}, {Days: 30}, {Days: 90}} }

func TestAScoreWeighsVerdictsAndShowsWhatIsUnknownApart(t *testing.T) {
	in := ScoreInput{By: ByOwner, Run: finding.Run{ID: "r", Time: scoredAt, Coverage: finding.Coverage{CellsPlanned: 10, CellsRead: 9}, Tallies: []finding.Tally{
		someTally("web", "1", finding.Security, finding.Critical, 1, 0, 1),
		someTally("web", "2", finding.Security, finding.Low, 0, 10, 0),
		someTally("web", "2", finding.Tagging, finding.Medium, 3, 1, 6),
		{Provider: "aws", Scope: "1", Category: finding.Cost, Severity: finding.Low, OwnerUnknown: true, Counts: finding.Counts{Unknown: 2}},
	}}}
	web := Score{
		Name: "web", Passing: part(16.0 / 28), Unknown: part(22.0 / 50), Verdicts: finding.Counts{Pass: 4, Fail: 11, Unknown: 7, NotApplicable: 3},
		TagCoverage: part(0.75), Open: []OpenFindings{}, Trend: noTrend(), Past: []ScorePoint{{scoredAt, 16.0 / 28}},
	}
	none := Score{Open: []OpenFindings{}, Trend: noTrend(), Past: []ScorePoint{}}
	unsure := none
	unsure.OwnerUnknown, unsure.Unknown, unsure.Verdicts = true, part(1), finding.Counts{Unknown: 2}
	total := web
	total.Name, total.Unknown, total.Verdicts = "", part(24.0/52), finding.Counts{Pass: 4, Fail: 11, Unknown: 9, NotApplicable: 3}
	want := Scorecard{Run: finding.RunRef{ID: "r", Time: scoredAt}, By: ByOwner, Coverage: ScoreCoverage{10, 9}, Total: total, Scores: []Score{web, none, unsure}}
	if diff := cmp.Diff(want, NewScorecard(in)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	names := map[ScoreBy][]string{}
	for _, by := range ScoreBys() {
		in.By = by
		for _, s := range NewScorecard(in).Scores {
			names[by] = append(names[by], s.Name)
		}
	}
	wantNames := map[ScoreBy][]string{ByOwner: {"web", "", ""}, ByAccount: {"aws 2", "aws 1"}, ByProvider: {"aws"}, ByCategory: {"security", "tagging", "cost"}}
	if diff := cmp.Diff(wantNames, names); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func group(owner string) Group {
	return Group{Ownership: finding.Ownership{Owner: owner}, Provider: "aws", Scope: "1", Category: finding.Security}
}

func TestFailuresAreAddedUpBySeverityAndAge(t *testing.T) {
	in := ScoreInput{By: ByOwner, Run: finding.Run{Time: scoredAt}, Failures: []Failures{
		{Group: group("web"), Severity: finding.High, Ages: Ages{1, 2, 0, 0}, SavingUSD: 12.5},
		{Group: group("web"), Severity: finding.Low, Ages: Ages{0, 0, 0, 1}},
		{Group: group("net"), Severity: finding.High, Ages: Ages{0, 0, 3, 0}, SavingUSD: 0.004},
		{Group: group("web"), Severity: finding.Low, Standing: Waived, Ages: Ages{1, 0, 1, 0}, SavingUSD: 100},
		{Group: group("web"), Severity: finding.Critical, Standing: Excused, Ages: Ages{1, 0, 0, 0}, SavingUSD: 100},
	}}
	card := NewScorecard(in)
	want := []OpenFindings{{Severity: finding.High, Total: 6, Week: 1, Month: 2, Quarter: 3}, {Severity: finding.Low, Total: 1, Older: 1}}
	if diff := cmp.Diff(want, card.Total.Open); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if card.Total.SavingUSD != 12.5 || *card.Total.Waived != 2.0/10 {
		t.Errorf("saving %v, waived %v", card.Total.SavingUSD, *card.Total.Waived)
	}
	in.Owner = new("net")
	if diff := cmp.Diff([]OpenFindings{{Severity: finding.High, Total: 3, Quarter: 3}}, NewScorecard(in).Total.Open); diff != "" {
		t.Errorf("of one owner (-want +got):\n%s", diff)
	}
}

func TestTheTimeToFixIsTheMeanOfAllThatWasMended(t *testing.T) {
	in := ScoreInput{By: ByOwner, Run: finding.Run{Time: scoredAt}, Mended: []Mended{
		{Group: group("web"), Number: 2, Days: 30}, {Group: group("net"), Number: 50_000, Days: 50_000 * 80}, // together longer than a time.Duration
	}}
	card := NewScorecard(in)
	got := map[string]float64{"all": *card.Total.DaysToFix}
	for _, s := range card.Scores {
		if s.DaysToFix != nil {
			got[s.Name] = *s.DaysToFix
		}
	}
	if diff := cmp.Diff(map[string]float64{"web": 15, "net": 80, "all": 4_000_030.0 / 50_002}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if card.Total.Fixed != 50_002 {
		t.Errorf("%d were fixed", card.Total.Fixed)
	}
}

func TestWhoseFailuresAreHiddenHasARow(t *testing.T) {
	card := NewScorecard(ScoreInput{By: ByOwner, Run: finding.Run{Time: scoredAt}, Hidden: []Group{group("web"), group("web")}})
	want := []Score{{Open: []OpenFindings{}, Trend: noTrend(), Past: []ScorePoint{}}, {Name: "web", Open: []OpenFindings{}, Trend: noTrend(), Past: []ScorePoint{}}}
	if diff := cmp.Diff(want, card.Scores); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATrendComparesWithARunOfThatTime(t *testing.T) {
	past := func(days, pass, fail int) PastTallies {
		return PastTallies{Time: ago(days), Tallies: []finding.Tally{someTally("web", "1", finding.Security, finding.High, pass, fail, 0), someTally("net", "1", finding.Security, finding.High, 9, 1, 0)}}
	}
	in := ScoreInput{By: ByOwner, Owner: new(string), Run: finding.Run{Time: scoredAt, Tallies: []finding.Tally{someTally("web", "1", finding.Security, finding.High, 3, 1, 0)}}, Past: []PastTallies{
		past(0, 0, 1), past(8, 1, 1), past(1, 1, 3), past(95, 0, 4), past(400, 4, 0),
	}}
	*in.Owner = "web"
	got := NewScorecard(in)
	want := []Change{{7, part(0.25)}, {30, nil}, {90, part(0.75)}}
	if diff := cmp.Diff(want, got.Scores[0].Trend); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	points := []ScorePoint{{ago(8), 0.5}, {ago(1), 0.25}, {scoredAt, 0.75}}
	if diff := cmp.Diff(points, got.Total.Past); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheShareKeptAsCodeIsOnlySaidWhereItIsCertain(t *testing.T) {
	in := ScoreInput{By: ByOwner, Run: finding.Run{Time: scoredAt, Tallies: []finding.Tally{someTally("web", "1", finding.Security, finding.High, 1, 0, 0)}, IaC: &finding.IaC{
		Managed: finding.Managed{Terraform: 3, None: 1, Unknown: 1},
		ByOwner: []finding.ManagedGroup{{Name: "", Managed: finding.Managed{Unknown: 1}}, {Name: "web", Managed: finding.Managed{Terraform: 3, None: 1}}},
	}}}
	got := NewScorecard(in)
	if diff := cmp.Diff([]*float64{part(0.75), nil, nil}, []*float64{got.Scores[0].AsCode, got.Scores[1].AsCode, got.Total.AsCode}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
