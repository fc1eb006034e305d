package e2e

import (
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// saveRun scans the simulated estate and saves the run in the store.
func saveRun(t *testing.T, s *store.Store, f demo.Faults) (finding.Run, store.Saved) {
	t.Helper()
	tracked, err := s.Tracked(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	watch := govern.NewWatch(store.Subjects(tracked))
	estate, err := demo.New(f)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = estate.Close() }()
	run, err := scan.Run(t.Context(), scan.Input{
		Mode: "demo", Version: "test", Now: demo.Now(), Providers: estate.Providers, Session: allPolicies(t),
		Owner: govern.OwnersByTags([]string{"owner"}).Of, Passes: true, Watcher: watch,
	})
	if err != nil {
		t.Fatal(err)
	}
	saved, err := s.Save(t.Context(), store.Record{Series: "demo", Run: run, Watch: watch, Started: run.Time, Ended: run.Time})
	if err != nil {
		t.Fatal(err)
	}
	saved.Apply(&run)
	return run, saved
}

func TestTheDemoComesBackFromTheStoreByteForByte(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "metsuke.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, f := range []demo.Faults{{}, {Deny: func(op string) bool { return op == "S3.ListBuckets" }}, {}} {
		want, saved := saveRun(t, s, f)
		got, err := s.Run(t.Context(), saved.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(render(t, want), render(t, got)); diff != "" {
			t.Errorf("the run is not what was saved (-want +got):\n%s", diff)
		}
	}
}

// TestNothingOfAnEstateThatStaysTheSameIsEverFixed scans the same estate with random calls
// denied: whatever cannot be read, nothing is fixed, gone or new.
func TestNothingOfAnEstateThatStaysTheSameIsEverFixed(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "metsuke.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var mu sync.Mutex
	ops := map[string]bool{}
	full, _ := saveRun(t, s, demo.Faults{Observe: func(op string) { mu.Lock(); ops[op] = true; mu.Unlock() }})
	failures := 0
	for _, f := range full.Findings {
		if f.Verdict == finding.Fail {
			failures++
		}
	}
	all := slices.Sorted(maps.Keys(ops))
	rnd := rand.New(rand.NewPCG(3, 17))
	hidden := 0
	for n := range 12 {
		denied := map[string]bool{}
		for range rnd.IntN(len(all) / 3) {
			denied[all[rnd.IntN(len(all))]] = true
		}
		if n%4 == 3 {
			clear(denied) // all is seen again
		}
		_, saved := saveRun(t, s, demo.Faults{Deny: func(op string) bool { return denied[op] }})
		since := saved.Since
		if len(since.New)+len(since.Reopened)+len(since.Fixed)+len(since.Gone) > 0 {
			t.Fatalf("with these calls denied: %v\nnew %v\nreopened %v\nfixed %v\ngone %v", slices.Sorted(maps.Keys(denied)), since.New, since.Reopened, since.Fixed, since.Gone)
		}
		hidden += len(since.NotVisible)
		lives, err := s.Lives(t.Context(), "demo", store.LifeFilter{})
		if err != nil {
			t.Fatal(err)
		}
		if len(lives) != failures || len(denied) == 0 && len(saved.History) != failures {
			t.Fatalf("run %d has %d failures, there are %d lives; the estate has %d failures", n, len(saved.History), len(lives), failures)
		}
	}
	if hidden == 0 {
		t.Error("nothing was ever out of sight: nothing was tried")
	}
}
