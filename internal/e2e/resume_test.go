package e2e

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/checkpoint"
	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// scanKept scans the simulated estate and keeps what it reads with the run.
func scanKept(t *testing.T, ctx context.Context, kept *checkpoint.Run, f demo.Faults) finding.Run {
	t.Helper()
	return scanWitnessed(t, ctx, kept, f, nil)
}

// scanWitnessed is scanKept with a witness of which cells are read; nil is none.
func scanWitnessed(t *testing.T, ctx context.Context, kept *checkpoint.Run, f demo.Faults, w *witness) finding.Run {
	t.Helper()
	estate, err := demo.New(f)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = estate.Close() }()
	ps := estate.Providers
	if w != nil {
		ps = w.over(ps)
	}
	run, err := scan.Run(ctx, scan.Input{
		Mode: "scan", Version: "test", Now: demo.Now(), Providers: kept.Reading(kept.Listing(ps)), Session: allPolicies(t),
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

// witness notes which cells of live providers are read. A plan is a file that is read at
// once.
type witness struct {
	mu    sync.Mutex
	cells map[string]int
}

func (w *witness) over(ps []providers.Provider) []providers.Provider {
	w.cells = map[string]int{}
	out := make([]providers.Provider, len(ps))
	for i, p := range ps {
		out[i] = witnessed{p, w}
	}
	return out
}

// seen returns the cells that have been read.
func (w *witness) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.cells))
}

type witnessed struct {
	providers.Provider
	w *witness
}

// Types implements what a plan says beforehand.
func (p witnessed) Types() []providers.Type {
	if known, ok := p.Provider.(interface{ Types() []providers.Type }); ok {
		return known.Types()
	}
	var out []providers.Type
	for _, t := range p.Describe().Types {
		out = append(out, t.Type)
	}
	return out
}

func (p witnessed) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	return p.Provider.Collect(ctx, s, want, witnessingSink{out.(providers.Remembering), p.w})
}

type witnessingSink struct {
	providers.Remembering
	w *witness
}

// Done is called by the provider for a cell that it has read. The note is taken when the
// cell is on disk.
func (s witnessingSink) Done(c providers.Cell) {
	s.Remembering.Done(c)
	if c.Scope.Provider == "terraform" {
		return
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.cells[strings.Join([]string{c.Scope.Provider, c.Scope.ID, string(c.Type), c.Region}, " ")]++
}

// copyOf copies the run as a process leaves it that is killed at this moment, to a Dir of
// its own. A journal may be torn besides, as after a power cut.
func copyOf(t *testing.T, dir checkpoint.Dir, id string, tear func(size int) int) checkpoint.Dir {
	t.Helper()
	to := checkpoint.Dir(t.TempDir())
	if err := os.Mkdir(filepath.Join(string(to), id), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range filesOf(t, filepath.Join(string(dir), id)) {
		if filepath.Ext(name) == ".spool" {
			text = text[:tear(len(text))]
		}
		if err := os.WriteFile(filepath.Join(string(to), id, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// filesOf reads the files of a directory that others write to, as they are together at one
// time: none may come, go or get another name meanwhile. Otherwise a journal that is
// replaced by a segment could be missed, and the segment as well.
func filesOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	names := func() []string {
		var out []string
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			out = append(out, e.Name())
		}
		return out
	}
	for {
		out, before := map[string][]byte{}, names()
		for _, name := range before {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			out[name] = text
		}
		if slices.Equal(before, names()) {
			return out
		}
	}
}

func TestAScanThatIsKilledAnywhereReadsNoCellTwice(t *testing.T) {
	dir := checkpoint.Dir(t.TempDir())
	kept, err := dir.Create(checkpoint.Manifest{Mode: "scan", Started: demo.Now(), Now: demo.Now()})
	if err != nil {
		t.Fatal(err)
	}
	type moment struct {
		dir   checkpoint.Dir
		cells []string // that were on disk; nil where the journals are torn
	}
	var moments []moment
	var calls atomic.Int64
	var mu sync.Mutex
	var first witness
	rnd := rand.New(rand.NewPCG(7, 11))
	run := scanWitnessed(t, t.Context(), kept, demo.Faults{Observe: func(string) {
		if calls.Add(1)%45 != 0 {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		m := moment{cells: first.seen()}
		torn := len(moments)%3 == 2
		m.dir = copyOf(t, dir, kept.ID(), func(size int) int {
			if torn {
				return rnd.IntN(size + 1)
			}
			return size
		})
		if torn {
			m.cells = nil
		}
		moments = append(moments, m)
	}}, &first)
	want, wantInventory, all := render(t, run), inventoryOf(t, kept), first.seen()
	if len(moments) < 8 {
		t.Fatalf("%d calls make %d moments: too few to try anything", calls.Load(), len(moments))
	}
	reused := 0
	for i, m := range moments {
		again, err := m.dir.Open(kept.ID())
		if err != nil {
			t.Fatal(err)
		}
		var second witness
		got := render(t, scanWitnessed(t, t.Context(), again, demo.Faults{}, &second))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("moment %d: the report differs from that of an undisturbed run (-want +got):\n%s", i, diff)
		}
		if diff := cmp.Diff(wantInventory, inventoryOf(t, again)); diff != "" {
			t.Fatalf("moment %d: the inventory differs (-want +got):\n%s", i, diff)
		}
		read := second.seen()
		for _, c := range m.cells {
			if slices.Contains(read, c) {
				t.Errorf("moment %d: %s was read before, and is read again", i, c)
			}
		}
		reused += len(all) - len(read)
		if err := again.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	if reused == 0 {
		t.Error("every cell was read again each time: nothing was tried")
	}
}
