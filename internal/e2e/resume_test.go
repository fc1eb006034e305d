package e2e

import (
	"context"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/checkpoint"
	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/report"
)

// scanKept scans the simulated estate and keeps what it reads with the run.
func scanKept(t *testing.T, ctx context.Context, kept *checkpoint.Run, f demo.Faults) finding.Run {
	t.Helper()
	estate, err := demo.New(f)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = estate.Close() }()
	run, err := scan.Run(ctx, scan.Input{
		Mode: "scan", Version: "test", Now: demo.Now(), Providers: kept.Reading(kept.Listing(estate.Providers)), Session: allPolicies(t),
		Owner: govern.OwnersByTags([]string{"owner"}).Of, Passes: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// inventoryOf returns the inventory of what was kept.
func inventoryOf(t *testing.T, kept *checkpoint.Run) string {
	t.Helper()
	lines, err := kept.Inventory(report.Inventory{Version: "test", Time: demo.Now()})
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAScanThatIsCutOffAnywhereGoesOnToTheSameReport(t *testing.T) {
	dir := checkpoint.Dir(t.TempDir())
	begin := func() *checkpoint.Run {
		kept, err := dir.Create(checkpoint.Manifest{Mode: "scan", Started: demo.Now(), Now: demo.Now()})
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	var calls atomic.Int64
	undisturbed := begin()
	want := render(t, scanKept(t, t.Context(), undisturbed, demo.Faults{Observe: func(string) { calls.Add(1) }}))
	wantInventory, total := inventoryOf(t, undisturbed), int(calls.Load())

	rnd := rand.New(rand.NewPCG(3, 5))
	saved, cutOff := 0, 0
	for range 8 {
		kept := begin()
		id := kept.ID()
		for range 3 { // it may be cut off again
			ctx, cancel := context.WithCancel(t.Context())
			at := int64(1 + rnd.IntN(total))
			calls.Store(0)
			run := scanKept(t, ctx, kept, demo.Faults{Observe: func(string) {
				if calls.Add(1) == at {
					cancel()
				}
			}})
			cancel()
			if run.Interrupted {
				cutOff++
			}
			if err := kept.Close(); err != nil {
				t.Fatal(err)
			}
			var err error
			if kept, err = dir.Open(id); err != nil {
				t.Fatal(err)
			}
		}
		calls.Store(0)
		got := render(t, scanKept(t, t.Context(), kept, demo.Faults{Observe: func(string) { calls.Add(1) }}))
		saved += total - int(calls.Load())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("the report differs from that of an undisturbed run (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(wantInventory, inventoryOf(t, kept)); diff != "" {
			t.Fatalf("the inventory differs (-want +got):\n%s", diff)
		}
		if err := kept.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	if cutOff == 0 || saved <= 0 {
		t.Errorf("%d runs were cut off and %d calls were not made again: nothing was tried", cutOff, saved)
	}
}
