package store

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
)

// shortSince names findings by their resources.
func shortSince(s *finding.Since) map[string][]string {
	if s == nil {
		return nil
	}
	out := map[string][]string{}
	for what, list := range map[string][]finding.Finding{"fixed": s.Fixed, "gone": s.Gone, "not visible": s.NotVisible} {
		for _, f := range list {
			out[what] = append(out[what], f.Resource.Name)
		}
	}
	for what, list := range map[string][]string{"new": s.New, "reopened": s.Reopened} {
		for _, f := range list {
			out[what] = append(out[what], nameOf(f))
		}
	}
	for _, c := range s.CellsGained {
		out["gained"] = append(out["gained"], string(c.Type))
	}
	for _, c := range s.CellsLost {
		out["lost"] = append(out["lost"], string(c.Type))
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}

// nameOf is the bucket of a fingerprint.
func nameOf(fingerprint string) string {
	for _, name := range []string{"a", "b", "c", "d"} {
		if bucket(name).Fingerprint == fingerprint {
			return name
		}
	}
	return fingerprint
}

// statuses returns the histories of the series, by resource.
func statuses(t *testing.T, s *Store) map[string]finding.History {
	t.Helper()
	lives, err := s.Lives(t.Context(), "scan", LifeFilter{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]finding.History{}
	for _, l := range lives {
		out[l.Finding.Resource.Name] = l.History
	}
	return out
}

func history(status finding.Status, first, last, since, reopened int) finding.History {
	return finding.History{Status: status, FirstSeen: day(first), LastSeen: day(last), Since: day(since), Reopened: reopened}
}

func TestTheLifeOfAFinding(t *testing.T) {
	nothing := map[string][]string{}
	tests := []struct {
		name  string
		scans []scan
		since map[string][]string // of the last scan
		want  finding.History     // of a
	}{
		{"the first run makes it new", []scan{{run: runOf(0, bucket("a"))}}, nil, history(finding.StatusNew, 0, 0, 0, 0)},
		{"the second opens it", []scan{{run: runOf(0, bucket("a"))}, {run: runOf(1, bucket("a"))}}, nothing, history(finding.StatusOpen, 0, 1, 0, 0)},
		{"a later one leaves it open", []scan{{run: runOf(0, bucket("a"))}, {run: runOf(1, bucket("a"))}, {run: runOf(2, bucket("a"))}}, nothing, history(finding.StatusOpen, 0, 2, 0, 0)},
		{
			"judged and not made, it is fixed",
			[]scan{{run: runOf(0, bucket("a"))}, {run: runOf(1), exist: []string{"a"}}},
			map[string][]string{"fixed": {"a"}},
			history(finding.StatusFixed, 0, 0, 1, 0),
		},
		{"fixed, it stays fixed when its resource goes", []scan{{run: runOf(0, bucket("a"))}, {run: runOf(1), exist: []string{"a"}}, {run: runOf(2)}}, nothing, history(finding.StatusFixed, 0, 0, 1, 0)},
		{"its resource not there where all was read, it is gone", []scan{{run: runOf(0, bucket("a"))}, {run: runOf(1)}}, map[string][]string{"gone": {"a"}}, history(finding.StatusGone, 0, 0, 1, 0)},
		{
			"where its cell could not be read, it is not visible",
			[]scan{{run: runOf(0, bucket("a"))}, {run: runOf(1), blind: true}},
			map[string][]string{"not visible": {"a"}, "lost": {"aws_s3_bucket"}},
			history(finding.StatusNotVisible, 0, 0, 1, 0),
		},
		{
			"where its policy could not tell, it is not visible",
			[]scan{{run: runOf(0, bucket("a"))}, {run: runOf(1), exist: []string{"a"}, denied: []string{"a"}}},
			map[string][]string{"not visible": {"a"}},
			history(finding.StatusNotVisible, 0, 0, 1, 0),
		},
		{
			"visible again, it is open and not reopened",
			[]scan{{run: runOf(0, bucket("a"))}, {run: runOf(1), blind: true}, {run: runOf(2, bucket("a"))}},
			map[string][]string{"gained": {"aws_s3_bucket"}},
			history(finding.StatusOpen, 0, 2, 2, 0),
		},
		{
			"not visible, it is fixed when it is looked at",
			[]scan{{run: runOf(0, bucket("a"))}, {run: runOf(1), blind: true}, {run: runOf(2), exist: []string{"a"}}},
			map[string][]string{"fixed": {"a"}, "gained": {"aws_s3_bucket"}},
			history(finding.StatusFixed, 0, 0, 2, 0),
		},
		{
			"fixed and made again, it is reopened",
			[]scan{{run: runOf(0, bucket("a"))}, {run: runOf(1), exist: []string{"a"}}, {run: runOf(2, bucket("a"))}},
			map[string][]string{"reopened": {"a"}},
			history(finding.StatusReopened, 0, 2, 2, 1),
		},
		{
			"reopened, it is open in the run after",
			[]scan{{run: runOf(0, bucket("a"))}, {run: runOf(1)}, {run: runOf(2, bucket("a"))}, {run: runOf(3, bucket("a"))}},
			nothing, history(finding.StatusOpen, 0, 3, 2, 1),
		},
		{"waived at once, it is waived", []scan{{run: runOf(0)}, {run: runOf(1, waived(bucket("a")))}}, map[string][]string{"new": {"a"}}, history(finding.StatusWaived, 1, 1, 1, 0)},
		{"waived no more, it is open", []scan{{run: runOf(0, waived(bucket("a")))}, {run: runOf(1, bucket("a"))}}, nothing, history(finding.StatusOpen, 0, 1, 0, 0)},
		{
			"waived when it comes back, it counts as reopened",
			[]scan{{run: runOf(0, bucket("a"))}, {run: runOf(1)}, {run: runOf(2, waived(bucket("a")))}},
			map[string][]string{"reopened": {"a"}},
			history(finding.StatusWaived, 0, 2, 2, 1),
		},
		{
			"an interrupted run says nothing of what it did not reach",
			[]scan{{run: runOf(0, bucket("a"))}, {run: interrupted(runOf(1)), blind: true}},
			nothing, history(finding.StatusNew, 0, 0, 0, 0),
		},
		{
			"an interrupted run says what it looked at",
			[]scan{{run: runOf(0, bucket("a"))}, {run: interrupted(runOf(1)), exist: []string{"a"}}},
			map[string][]string{"fixed": {"a"}},
			history(finding.StatusFixed, 0, 0, 1, 0),
		},
		{
			"two of one fingerprint are waived when both are",
			[]scan{{run: runOf(0, waived(bucket("a")), other(bucket("a")))}},
			nil, history(finding.StatusNew, 0, 0, 0, 0),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := openTemp(t)
			var last Saved
			for _, one := range tt.scans {
				last = one.save(t, s)
			}
			if diff := cmp.Diff(tt.since, shortSince(last.Since)); diff != "" {
				t.Errorf("since the run before (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, statuses(t, s)["a"]); diff != "" {
				t.Errorf("the history (-want +got):\n%s", diff)
			}
		})
	}
}

func interrupted(run finding.Run) finding.Run {
	run.Interrupted = true
	return run
}

// other is a second finding with the same fingerprint.
func other(f finding.Finding) finding.Finding {
	f.Message += " and write"
	return f
}

func TestWhatTheRunWasNotAskedForKeepsItsStatus(t *testing.T) {
	s := openTemp(t)
	scan{run: runOf(0, bucket("a"), failing("aws-s3-old", "b", ""))}.save(t, s)
	rec := scan{run: runOf(1), blind: true}.record(t, s)
	rec.Asked = func(f finding.Subject) bool { return f.Policy == "aws-s3-old" }
	saved := save(t, s, rec)
	if diff := cmp.Diff(map[string][]string{"not visible": {"b"}}, shortSince(saved.Since)); diff != "" {
		t.Error(diff)
	}
	want := map[string]finding.History{"a": history(finding.StatusNew, 0, 0, 0, 0), "b": history(finding.StatusNotVisible, 0, 0, 1, 0)}
	if diff := cmp.Diff(want, statuses(t, s)); diff != "" {
		t.Error(diff)
	}
	// The whole run after that goes on where the one before the narrowed one was.
	saved = scan{run: runOf(2, bucket("a"))}.save(t, s)
	if diff := cmp.Diff(map[string][]string{"gone": {"b"}}, shortSince(saved.Since)); diff != "" {
		t.Error(diff)
	}
}

func TestTheFailuresOfARetiredPolicyAreNotVisibleUntilTheirResourceIsGone(t *testing.T) {
	s := openTemp(t)
	scan{run: runOf(0, failing("aws-s3-retired", "a", ""))}.save(t, s)
	saved := scan{run: runOf(1), exist: []string{"a"}}.save(t, s)
	if diff := cmp.Diff(map[string][]string{"not visible": {"a"}}, shortSince(saved.Since)); diff != "" {
		t.Error(diff)
	}
	saved = scan{run: runOf(2)}.save(t, s)
	if diff := cmp.Diff(map[string][]string{"gone": {"a"}}, shortSince(saved.Since)); diff != "" {
		t.Error(diff)
	}
}

func TestARenamedPolicyKeepsTheHistoryOfItsFailures(t *testing.T) {
	s := openTemp(t)
	names := govern.Names{"aws-s3-public": {"aws-s3-open"}, "aws-s3-old": nil}
	old := failing("aws-s3-open", "a", "acl")
	mended := failing("aws-s3-open", "b", "acl")
	first := scan{run: runOf(0, old, mended)}.save(t, s)
	rec := scan{run: runOf(1, bucket("a")), exist: []string{"a", "b"}}.record(t, s)
	rec.Names = names
	saved := save(t, s, rec)
	if diff := cmp.Diff(map[string][]string{"fixed": {"b"}}, shortSince(saved.Since)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]finding.History{bucket("a").Fingerprint: history(finding.StatusOpen, 0, 1, 0, 0)}, saved.History); diff != "" {
		t.Error(diff)
	}
	// The earlier run still says it under the former name, with its history.
	run, err := s.Run(t.Context(), first.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if f := run.Findings[0]; f.Policy != "aws-s3-open" || f.History == nil || f.History.Status != finding.StatusNew {
		t.Errorf("the first run says %+v", f)
	}
	// An older metsuke, which has the former name only, goes on with the same life.
	saved = scan{run: runOf(2, old), exist: []string{"a"}}.save(t, s)
	if diff := cmp.Diff(map[string]finding.History{old.Fingerprint: history(finding.StatusOpen, 0, 2, 0, 0)}, saved.History); diff != "" {
		t.Error(diff)
	}
}

func TestWhatWasFixedUnderTheFormerIdOfAPolicyIsReopenedUnderTheNewOne(t *testing.T) {
	s := openTemp(t)
	scan{run: runOf(0, failing("aws-s3-open", "a", "acl"))}.save(t, s)
	fixed := runOf(1)
	fixed.Policies = append(fixed.Policies, finding.Policy{ID: "aws-s3-open"})
	scan{run: fixed, exist: []string{"a"}}.save(t, s)
	rec := scan{run: runOf(2, bucket("a"))}.record(t, s)
	rec.Names = govern.Names{"aws-s3-public": {"aws-s3-open"}, "aws-s3-old": nil}
	saved := save(t, s, rec)
	if diff := cmp.Diff(map[string][]string{"reopened": {"a"}}, shortSince(saved.Since)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]finding.History{"a": history(finding.StatusReopened, 0, 2, 2, 1)}, statuses(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestARunThatIsOlderThanTheLastMovesNoLife(t *testing.T) {
	s := openTemp(t)
	scan{run: runOf(0, bucket("a"))}.save(t, s)
	scan{run: runOf(2, bucket("a"), bucket("b"))}.save(t, s)
	late := scan{run: runOf(1, bucket("c"))}.save(t, s)
	if !late.Run.Late || late.Since != nil || len(late.History) != 0 {
		t.Errorf("the late run is %+v", late)
	}
	run, err := s.Run(t.Context(), late.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Findings) != 1 || run.Findings[0].History != nil {
		t.Errorf("its findings are %+v", run.Findings)
	}
	last := scan{run: runOf(3, bucket("a"), bucket("b"))}.save(t, s)
	if diff := cmp.Diff(map[string][]string{}, shortSince(last.Since)); diff != "" {
		t.Error(diff)
	}
	want := map[string]finding.History{"a": history(finding.StatusOpen, 0, 3, 0, 0), "b": history(finding.StatusOpen, 2, 3, 2, 0)}
	if diff := cmp.Diff(want, statuses(t, s)); diff != "" {
		t.Error(diff)
	}
}

// Two schedules that read different providers run at once: the one that began first may
// well end last.
func TestARunOfOtherProvidersMakesNoneLate(t *testing.T) {
	s := openTemp(t)
	of := func(n int, hour int, provider string, buckets ...string) Saved {
		t.Helper()
		var fs []finding.Finding
		for _, name := range buckets {
			f := bucket(name)
			f.Resource.Provider = provider
			fs = append(fs, f)
		}
		run := runOf(n, fs...)
		run.Time = run.Time.Add(time.Duration(hour) * time.Hour)
		run.Providers = []finding.ProviderStatus{{Name: "aws", Used: provider == "aws"}, {Name: "github", Used: provider == "github"}}
		r := scan{run: run}.record(t, s)
		r.Asked = func(s finding.Subject) bool { return s.Provider == provider }
		return save(t, s, r)
	}
	of(0, 0, "aws", "a")
	of(0, 3, "github", "b")
	of(1, 3, "github", "b", "d")
	began := of(1, 0, "aws", "a", "c")
	if began.Run.Late || began.Since == nil || len(began.Since.New) != 1 {
		t.Errorf("the run of another provider made it late: %+v", began)
	}
	h := history(finding.StatusNew, 1, 1, 1, 0)
	if diff := cmp.Diff(h, statuses(t, s)["c"]); diff != "" {
		t.Errorf("c (-want +got):\n%s", diff)
	}
	if next := of(2, 0, "aws", "a", "c"); next.Run.Late || statuses(t, s)["a"].LastSeen != day(2) {
		t.Errorf("the next run is late %v; a has %+v", next.Run.Late, statuses(t, s)["a"])
	}
	if late := of(1, 5, "aws", "a"); !late.Run.Late || late.Since != nil {
		t.Errorf("a run that is older than one of its own provider is not late: %+v", late)
	}
	if late := of(1, 1, "github"); !late.Run.Late {
		t.Errorf("a run that is older than one of its own provider is not late: %+v", late)
	}
	whole := scan{run: runOf(1)}
	if late := whole.save(t, s); !late.Run.Late {
		t.Errorf("a run of everything that is older than one of something is not late: %+v", late)
	}
}

func TestARunIsLateAlsoWhenTheOneThatIsNewerWasDeleted(t *testing.T) {
	s := openTemp(t)
	scan{run: runOf(0, bucket("a"))}.save(t, s)
	newer := scan{run: runOf(2, bucket("a"))}.save(t, s)
	ok(t, s.Delete(t.Context(), newer.Run.ID))
	if late := (scan{run: runOf(1)}).save(t, s); !late.Run.Late {
		t.Errorf("it is not late: %+v", late)
	}
}

func TestWhatAnotherProcessSavedMeanwhileIsLeftAlone(t *testing.T) {
	s := openTemp(t)
	scan{run: runOf(0, bucket("a"))}.save(t, s)
	slow := scan{run: runOf(2)}.record(t, s)
	scan{run: runOf(1, bucket("a"), bucket("b"))}.save(t, s)
	saved := save(t, s, slow)
	if diff := cmp.Diff(map[string][]string{"gone": {"a"}}, shortSince(saved.Since)); diff != "" {
		t.Error(diff)
	}
	want := map[string]finding.History{"a": history(finding.StatusGone, 0, 1, 2, 0), "b": history(finding.StatusNew, 1, 1, 1, 0)}
	if diff := cmp.Diff(want, statuses(t, s)); diff != "" {
		t.Error(diff)
	}
}

// TestNothingIsFixedOrGoneThatIsThere runs random estates under random denials.
func TestNothingIsFixedOrGoneThatIsThere(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 7))
		s := openTemp(t)
		buckets := []string{"a", "b", "c", "d"}
		exists, broken := map[string]bool{}, map[string]bool{}
		known := map[string]finding.History{}
		for n := range 25 {
			for _, b := range buckets {
				if r.IntN(3) == 0 {
					exists[b] = !exists[b]
				}
				if r.IntN(3) == 0 {
					broken[b] = !broken[b]
				}
			}
			one := scan{blind: r.IntN(5) == 0}
			var fs []finding.Finding
			for _, b := range buckets {
				denied := r.IntN(4) == 0
				if !exists[b] || one.blind && r.IntN(2) == 0 {
					continue
				}
				one.exist = append(one.exist, b)
				switch {
				case denied:
					one.denied = append(one.denied, b)
				case broken[b] && r.IntN(4) == 0:
					fs = append(fs, waived(bucket(b)))
				case broken[b]:
					fs = append(fs, bucket(b))
				}
			}
			one.run = runOf(n, fs...)
			one.run.Interrupted = r.IntN(6) == 0
			before := known
			saved := one.save(t, s)
			known = statuses(t, s)
			where := fmt.Sprintf("seed %d, run %d", seed, n)
			for b, h := range known {
				checkLife(t, where+", bucket "+b, before[b], h, exists[b], broken[b])
			}
			checkSums(t, where, saved, fs, known)
		}
	}
}

func checkLife(t *testing.T, where string, before, h finding.History, exists, broken bool) {
	t.Helper()
	ended := func(s finding.Status) bool { return s == finding.StatusFixed || s == finding.StatusGone }
	changed := before.Status != h.Status
	switch {
	case changed && h.Status == finding.StatusFixed && (!exists || broken):
		t.Fatalf("%s is fixed, but it is there: %v, broken: %v", where, exists, broken)
	case changed && h.Status == finding.StatusGone && exists:
		t.Fatalf("%s is gone, but it is there", where)
	case before.Status != "" && !h.FirstSeen.Equal(before.FirstSeen):
		t.Fatalf("%s was first seen %v, and before %v", where, h.FirstSeen, before.FirstSeen)
	case ended(before.Status) && h.Status.Failing() && (h.Reopened != before.Reopened+1 || h.Status != finding.StatusReopened && h.Status != finding.StatusWaived):
		t.Fatalf("%s came back as %+v after %+v", where, h, before)
	case (!changed || before.Status.Failing() && h.Status.Failing()) && !h.Since.Equal(before.Since):
		t.Fatalf("%s is %s since %v, and before since %v", where, h.Status, h.Since, before.Since)
	}
}

// checkSums holds what a run says of changes against what became of everything.
func checkSums(t *testing.T, where string, saved Saved, fs []finding.Finding, known map[string]finding.History) {
	t.Helper()
	want, got := map[string]bool{}, map[string]bool{}
	for _, f := range fs {
		want[f.Fingerprint] = true
	}
	for f := range saved.History {
		got[f] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s: the histories are not those of what failed:\n%s", where, diff)
	}
	if saved.Since == nil {
		return
	}
	count := map[finding.Status]int{}
	for h := range maps.Values(known) {
		if h.Since.Equal(saved.Run.Time) {
			count[h.Status]++
		}
	}
	s := saved.Since
	if len(s.Fixed) != count[finding.StatusFixed] || len(s.Gone) != count[finding.StatusGone] || len(s.NotVisible) != count[finding.StatusNotVisible] {
		t.Fatalf("%s: %v changed, but of all findings %v", where, shortSince(s), count)
	}
}

func TestALifeHasStages(t *testing.T) {
	s := openTemp(t)
	for _, one := range []scan{
		{run: runOf(0, bucket("a"))},
		{run: runOf(1, bucket("a"))},
		{run: runOf(2, waived(bucket("a")))},
		{run: runOf(3), exist: []string{"a"}},
		{run: runOf(4), exist: []string{"a"}},
		{run: runOf(5, bucket("a"))},
		{run: runOf(6), blind: true},
	} {
		one.save(t, s)
	}
	lives, err := s.Lives(t.Context(), "scan", LifeFilter{})
	if err != nil {
		t.Fatal(err)
	}
	want := []*Life{{
		Finding: bucket("a"), History: finding.History{Status: finding.StatusNotVisible, FirstSeen: day(0), LastSeen: day(5), Since: day(6), Reopened: 1},
		Stages: []Stage{
			{finding.StatusNew, day(0)},
			{finding.StatusOpen, day(1)},
			{finding.StatusWaived, day(2)},
			{finding.StatusFixed, day(3)},
			{finding.StatusReopened, day(5)},
			{finding.StatusNotVisible, day(6)},
		},
	}}
	if diff := cmp.Diff(want, lives); diff != "" {
		t.Error(diff)
	}
	for since, want := range map[int]int{0: 1, 6: 1, 7: 1} {
		lives, err := s.Lives(t.Context(), "scan", LifeFilter{EndedSince: day(since)})
		if err != nil || len(lives) != want {
			t.Errorf("since day %d there are %d lives, %v", since, len(lives), err)
		}
	}
	scan{run: runOf(7)}.save(t, s)
	for since, want := range map[int]int{7: 1, 8: 0} {
		lives, err := s.Lives(t.Context(), "scan", LifeFilter{EndedSince: day(since)})
		if err != nil || len(lives) != want {
			t.Errorf("gone on day 7, since day %d there are %d lives, %v", since, len(lives), err)
		}
	}
}

func TestTalliesAreThoseOfTheRuns(t *testing.T) {
	s := openTemp(t)
	r := rand.New(rand.NewPCG(3, 4))
	var want []RunTallies
	for n := range 20 {
		rec := scan{run: randomRun(r, n)}.record(t, s)
		rec.Run.Interrupted = n%6 == 5
		saved := save(t, s, rec)
		if n >= 3 {
			want = append(want, RunTallies{saved.Run, rec.Run.Tallies})
		}
	}
	got, err := s.Tallies(t.Context(), "scan", day(3))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
