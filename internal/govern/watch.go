package govern

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Watch notes which failures of earlier runs a run has looked at. It keeps only what
// these are about, and the cells, however much the run reads. It is safe for concurrent
// use.
type Watch struct {
	mu     sync.Mutex
	about  map[thing]bool     // resources of the failures
	seen   map[thing]bool     // those that the run met
	judged map[judgement]bool // policies that came to a verdict on one
	cells  map[cell]providers.Cell
}

// Look is what a run has to say of a failure of an earlier run that it did not make.
type Look int

// The answers.
const (
	NotLooked Look = iota // the run could not tell
	Judged                // the policy came to a verdict on the resource
	Gone                  // the resource is not there: where it was has been read in full
)

// thing is a resource.
type thing struct {
	provider string
	typ      providers.Type
	id       string
}

// cell is a type in a region of an account.
type cell struct {
	provider, account, region string
	typ                       providers.Type
}

// judgement is a policy on a resource.
type judgement struct {
	policy string
	thing  thing
}

func thingOf(s finding.Subject) thing { return thing{s.Provider, s.Type, s.Resource} }

// NewWatch returns a Watch for what earlier runs found.
func NewWatch(about iter.Seq[finding.Subject]) *Watch {
	w := &Watch{about: map[thing]bool{}, seen: map[thing]bool{}, judged: map[judgement]bool{}, cells: map[cell]providers.Cell{}}
	for s := range about {
		w.about[thingOf(s)] = true
	}
	return w
}

// Seen notes a resource that the run read, whether or not anything judges it.
func (w *Watch) Seen(r providers.Resource) {
	t := thing{r.Scope.Provider, r.Type, r.ID}
	if !w.about[t] {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[t] = true
}

// Judged notes the verdict of a policy on a resource.
func (w *Watch) Judged(r providers.Resource, policy string, v finding.Verdict) {
	t := thing{r.Scope.Provider, r.Type, r.ID}
	// A resource that certainly fails may fail in further ways that could not be read.
	if !w.about[t] || v == finding.Unknown || v == finding.Fail && len(r.Unknown) > 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.judged[judgement{policy, t}] = true
}

// Read notes a cell that was read in full.
func (w *Watch) Read(c providers.Cell) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cells[cell{c.Scope.Provider, c.Scope.ID, c.Region, c.Type}] = c
}

// Look says whether the run would have made the failure if it were still there. About
// what it was not made to watch, a Watch cannot tell.
func (w *Watch) Look(s finding.Subject) Look {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := thingOf(s)
	switch {
	case !w.about[t]:
		return NotLooked
	case w.seen[t]:
		if w.judged[judgement{s.Policy, t}] {
			return Judged
		}
		return NotLooked
	}
	// A type that is listed once for the whole account has a cell without a region.
	for _, region := range []string{s.Region, ""} {
		if _, ok := w.cells[cell{s.Provider, s.Scope, region, s.Type}]; ok {
			return Gone
		}
	}
	return NotLooked
}

// Knows reports whether the Watch was made to watch the resource of the failure.
func (w *Watch) Knows(s finding.Subject) bool { return w.about[thingOf(s)] }

// Cells returns what was read in full, sorted by provider, account, type and region.
func (w *Watch) Cells() []providers.Cell {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.SortedFunc(maps.Values(w.cells), func(a, b providers.Cell) int {
		return cmp.Or(cmp.Compare(a.Scope.Provider, b.Scope.Provider), cmp.Compare(a.Scope.ID, b.Scope.ID), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Region, b.Region))
	})
}

// Shrink returns the baseline without what the run looked at and found gone, and how
// many entries that is. Of a fault that is still there the defects that are gone are
// taken out. What the run did not look at stays, and nothing is added.
func (b Baseline) Shrink(run finding.Run, w *Watch, names Names) (smaller Baseline, gone int) {
	failing := map[string]finding.Finding{}
	for _, f := range run.Findings {
		if f.Verdict != finding.Fail {
			continue
		}
		if other, twice := failing[f.Fingerprint]; twice {
			f = other.Together(f)
		}
		failing[f.Fingerprint] = f
	}
	smaller = b
	smaller.Known = []Known{}
	renamed := names.Renamed()
	for _, k := range b.Known {
		now := k.today(renamed)
		_, selected := run.Policy(now.Policy)
		f, fails := failing[now.Fingerprint]
		switch {
		case !selected || w.Look(now.Subject()) == NotLooked:
		case !fails || len(k.Defects) > 0 && len(f.Defects) > 0 && len(finding.StillThere(k.Defects, f.Defects)) == 0:
			gone++
			continue
		case len(f.Defects) > 0:
			k.Defects = finding.StillThere(k.Defects, f.Defects)
		}
		smaller.Known = append(smaller.Known, k)
	}
	slices.SortFunc(smaller.Known, compareKnown)
	return smaller, gone
}
