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

func failureOf(owner, fingerprint string, s finding.Severity, change func(*finding.Finding)) finding.Finding {
	f := finding.Finding{
		Fingerprint: fingerprint, Policy: "p", Category: finding.Security, Severity: s, Verdict: finding.Fail, Owner: owner,
		Resource: finding.Resource{Provider: "aws", Scope: "1"},
	}
	if change != nil {
		change(&f)
	}
	return f
}

func lifeOf(owner, fingerprint string, stages ...LifeStage) Life {
	return Life{Finding: failureOf(owner, fingerprint, finding.High, nil), Stages: stages}
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

func TestOpenFailuresAreCountedByTheirAge(t *testing.T) {
	excused := func(f *finding.Finding) { f.Waiver, f.MonthlyCost = &finding.Waiver{}, 100 }
	in := ScoreInput{By: ByOwner, Run: finding.Run{Time: scoredAt, Findings: []finding.Finding{
		failureOf("web", "today", finding.High, nil),
		failureOf("web", "week", finding.High, func(f *finding.Finding) { f.MonthlyCost = 12.5 }),
		failureOf("web", "month", finding.High, nil),
		failureOf("web", "old", finding.Low, func(f *finding.Finding) { f.History = &finding.History{FirstSeen: ago(91)} }),
		failureOf("web", "back", finding.Low, nil),
		failureOf("web", "waived", finding.Low, excused),
		{Verdict: finding.Unknown, Owner: "web"},
	}}, Lives: []Life{
		lifeOf("web", "week", LifeStage{finding.StatusNew, ago(7)}, LifeStage{finding.StatusOpen, ago(6)}),
		lifeOf("web", "month", LifeStage{finding.StatusNew, ago(31)}),
		lifeOf("web", "back", LifeStage{finding.StatusNew, ago(300)}, LifeStage{finding.StatusFixed, ago(100)}, LifeStage{finding.StatusReopened, ago(20)}),
	}}
	got := NewScorecard(in).Total
	want := []OpenFindings{{Severity: finding.High, Total: 3, Week: 2, Quarter: 1}, {Severity: finding.Low, Total: 2, Month: 1, Older: 1}}
	if diff := cmp.Diff(want, got.Open); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.SavingUSD != 12.5 || *got.Waived != 1.0/6 {
		t.Errorf("saving %v, waived %v", got.SavingUSD, *got.Waived)
	}
}

func TestTheTimeToFixIsOfWhatWasMendedLately(t *testing.T) {
	in := ScoreInput{By: ByOwner, Run: finding.Run{Time: scoredAt}, Lives: []Life{
		lifeOf("web", "a", LifeStage{finding.StatusNew, ago(20)}, LifeStage{finding.StatusNotVisible, ago(18)}, LifeStage{finding.StatusFixed, ago(10)}),
		lifeOf("web", "twice", LifeStage{finding.StatusNew, ago(80)}, LifeStage{finding.StatusWaived, ago(79)}, LifeStage{finding.StatusFixed, ago(60)}, LifeStage{finding.StatusReopened, ago(12)}, LifeStage{finding.StatusFixed, ago(10)}),
		lifeOf("web", "long ago", LifeStage{finding.StatusNew, ago(200)}, LifeStage{finding.StatusFixed, ago(91)}),
		lifeOf("web", "gone", LifeStage{finding.StatusNew, ago(50)}, LifeStage{finding.StatusGone, ago(40)}),
		lifeOf("web", "open", LifeStage{finding.StatusNew, ago(50)}),
	}}
	got := NewScorecard(in).Total
	if got.Fixed != 3 || *got.DaysToFix != 32.0/3 {
		t.Errorf("%d fixed in %v days", got.Fixed, *got.DaysToFix)
	}
}

func TestATrendComparesWithARunOfThatTime(t *testing.T) {
	past := func(days, pass, fail int) PastTallies {
		return PastTallies{ago(days), []finding.Tally{someTally("web", "1", finding.Security, finding.High, pass, fail, 0), someTally("net", "1", finding.Security, finding.High, 9, 1, 0)}}
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
