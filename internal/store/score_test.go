package store

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
)

// episode is a time from when a failure was found to when it was over.
type episode struct {
	begin, end time.Time // the end is zero while it lasts
	mended     bool      // it was fixed, and not only gone
}

// episodes are the times in which there was a failure, until then.
func episodes(l *Life, until time.Time) []episode {
	var out []episode
	lasts := false
	for _, s := range l.Stages {
		switch {
		case s.Since.After(until):
		case s.Status.Failing() && !lasts:
			out, lasts = append(out, episode{begin: s.Since}), true
		case (s.Status == finding.StatusFixed || s.Status == finding.StatusGone) && lasts:
			last := &out[len(out)-1]
			last.end, last.mended, lasts = s.Since, s.Status == finding.StatusFixed, false
		}
	}
	return out
}

// countedByHand is what Score returns, from every finding of the run and every stage of
// every life.
func countedByHand(t *testing.T, s *Store, info RunInfo) Scored {
	t.Helper()
	run, err := s.Run(t.Context(), info.ID)
	if err != nil {
		t.Fatal(err)
	}
	lives, err := s.Lives(t.Context(), info.Series, LifeFilter{})
	if err != nil {
		t.Fatal(err)
	}
	whole := !info.Narrowed && !info.Interrupted && !info.Late
	since, failing := map[string]time.Time{}, map[string]bool{}
	for _, f := range run.Findings {
		failing[f.Fingerprint] = failing[f.Fingerprint] || f.Verdict == finding.Fail
	}
	var out Scored
	for _, l := range lives {
		g := briefOf(&l.Finding).group()
		for _, e := range episodes(l, run.Time) {
			if e.end.IsZero() {
				since[l.Finding.Fingerprint] = e.begin
			}
			if e.mended && run.Time.Sub(e.end) <= govern.FixedWithin && (whole || failing[l.Finding.Fingerprint]) {
				out.Mended = append(out.Mended, govern.Mended{Group: g, Number: 1, Days: e.end.Sub(e.begin).Hours() / 24})
			}
		}
		if i := slices.IndexFunc(l.Stages, func(s Stage) bool { return s.Since.After(run.Time) }); i >= 0 {
			l.Stages = l.Stages[:i]
		}
		if n := len(l.Stages); whole && n > 0 && l.Stages[n-1].Status == finding.StatusNotVisible {
			out.Hidden = append(out.Hidden, g)
		}
	}
	for _, f := range run.Findings {
		if f.Verdict != finding.Fail {
			continue
		}
		began, ok := since[f.Fingerprint]
		if !ok {
			began = run.Time
		}
		one := govern.Failures{Group: briefOf(&f).group(), Severity: f.Severity, Standing: govern.StandingOf(&f)}
		if one.Standing == govern.Counts {
			one.SavingUSD = f.MonthlyCost
		}
		age := 0
		for _, limit := range govern.AgeLimits() {
			if run.Time.Sub(began) > limit {
				age++
			}
		}
		one.Ages[age] = 1
		out.Failures = append(out.Failures, one)
	}
	run.Findings, run.Fixed, run.Since = nil, nil, nil
	out.Run = run
	return out
}

// addedUp adds up what is alike, in an order.
func addedUp(in Scored) Scored {
	type kind struct {
		govern.Group
		finding.Severity
		govern.Standing
	}
	failures, mended, hidden := map[kind]govern.Failures{}, map[govern.Group]govern.Mended{}, map[govern.Group]bool{}
	for _, f := range in.Failures {
		k := kind{f.Group, f.Severity, f.Standing}
		sum := failures[k]
		for i, n := range f.Ages {
			sum.Ages[i] += n
		}
		sum.Group, sum.Severity, sum.Standing, sum.SavingUSD = f.Group, f.Severity, f.Standing, sum.SavingUSD+f.SavingUSD
		failures[k] = sum
	}
	for _, m := range in.Mended {
		sum := mended[m.Group]
		mended[m.Group] = govern.Mended{Group: m.Group, Number: sum.Number + m.Number, Days: sum.Days + m.Days}
	}
	for _, g := range in.Hidden {
		hidden[g] = true
	}
	out := Scored{Run: in.Run}
	for _, f := range failures {
		f.SavingUSD = math.Round(100*f.SavingUSD) / 100
		out.Failures = append(out.Failures, f)
	}
	for _, m := range mended {
		m.Days = math.Round(1e6*m.Days) / 1e6
		out.Mended = append(out.Mended, m)
	}
	for g := range hidden {
		out.Hidden = append(out.Hidden, g)
	}
	text := func(v any) string { return fmt.Sprintf("%+v", v) }
	slices.SortFunc(out.Failures, func(a, b govern.Failures) int { return cmp.Compare(text(a), text(b)) })
	slices.SortFunc(out.Mended, func(a, b govern.Mended) int { return cmp.Compare(text(a), text(b)) })
	slices.SortFunc(out.Hidden, func(a, b govern.Group) int { return cmp.Compare(text(a), text(b)) })
	out.Run.Findings, out.Run.Fixed = nil, nil
	return out
}

// randomScans saves a history with everything in it: runs that see little, that were
// narrowed or interrupted, and that come too late.
func randomScans(t *testing.T, s *Store, r *rand.Rand, n int) {
	t.Helper()
	var latest time.Time
	for i := range n {
		run := randomRun(r, i*r.IntN(12))
		if r.IntN(6) > 0 {
			run.Time = day(i * 6)
		}
		run.Time = run.Time.Add(time.Duration(i) * time.Minute) // no two at once: stages tell time, and not runs
		if run.Time.Before(latest) {                            // what comes too late gives no life to a second finding with a fingerprint
			seen := map[string]bool{}
			run.Findings = slices.DeleteFunc(run.Findings, func(f finding.Finding) bool {
				again := seen[f.Fingerprint]
				seen[f.Fingerprint] = true
				return again
			})
		} else {
			latest = run.Time
		}
		one := scan{run: run, blind: r.IntN(4) == 0}
		for b := range 6 {
			if r.IntN(3) > 0 {
				one.exist = append(one.exist, fmt.Sprint("bucket-", b))
			}
		}
		if r.IntN(3) == 0 {
			one.denied = one.exist[:r.IntN(len(one.exist)+1)]
		}
		rec := one.record(t, s)
		rec.Run.Interrupted = r.IntN(8) == 0
		if r.IntN(6) == 0 {
			rec.Asked = func(f finding.Subject) bool { return f.Policy != "policy-1" }
		}
		save(t, s, rec)
	}
}

func TestWhatIsCountedForScorecardsIsWhatRunsAndLivesSay(t *testing.T) {
	for seed := range uint64(3) {
		s := openTemp(t)
		randomScans(t, s, rand.New(rand.NewPCG(seed, 8)), 30)
		compareScores(t, s)
	}
}

func TestRunsOfBeforeAreCountedAndTheNextRunFillsInWhatTheyLack(t *testing.T) {
	s := openTemp(t)
	r := rand.New(rand.NewPCG(2, 8))
	randomScans(t, s, r, 8)
	run(t, s, `UPDATE fact SET about = NULL, standing = NULL, saving = NULL`) // as before there were scorecards
	compareScores(t, s)
	one := randomRun(r, 400)
	save(t, s, scan{run: one}.record(t, s))
	compareScores(t, s)
	one.Time = day(401)
	run(t, s, `UPDATE fact SET about = NULL, standing = NULL, saving = NULL`)
	save(t, s, scan{run: one}.record(t, s))
	var left int
	if err := s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM fact WHERE chain % 2 = 0 AND to_seq = 2147483647 AND standing IS NULL`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d facts of the last run lack what scorecards go by: %v", left, err)
	}
	checkWhole(t, s)
	compareScores(t, s)
}

// compareScores compares Score with what is counted by hand, for every run.
func compareScores(t *testing.T, s *Store) {
	t.Helper()
	runs, err := s.Runs(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range runs {
		got, err := s.Score(t.Context(), info.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(addedUp(countedByHand(t, s, info)), addedUp(got)); diff != "" {
			t.Fatalf("of %d runs, %s (narrowed %v, interrupted %v, late %v) (-want +got):\n%s", len(runs), info.ID, info.Narrowed, info.Interrupted, info.Late, diff)
		}
	}
}

func TestFailuresAreCountedByTheTimeSinceTheyWereFoundFirstOrAgain(t *testing.T) {
	s := openTemp(t)
	for _, one := range []scan{
		{run: runOf(0, bucket("a"), bucket("b"), bucket("c"))},
		{run: runOf(10, bucket("b")), exist: []string{"a", "c"}, denied: []string{"c"}}, // a is fixed, c is not visible
		{run: runOf(80, bucket("a"), bucket("b"), bucket("c"), waived(bucket("d")))},
		{run: runOf(95, bucket("a"), bucket("b"), bucket("e")), exist: []string{"c", "d"}, denied: []string{"d"}},
	} {
		one.save(t, s)
	}
	runs, err := s.Runs(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Score(t.Context(), runs[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	g := briefOf(new(bucket("a"))).group()
	want := Scored{
		Failures: []govern.Failures{{Group: g, Severity: finding.High, Ages: govern.Ages{1, 1, 0, 1}}}, // e, a, b
		Mended:   []govern.Mended{{Group: g, Number: 2, Days: 10 + 95}},                                // a, c: also the time in which it was not visible
		Hidden:   []govern.Group{g},                                                                    // d
	}
	got.Run = finding.Run{}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
