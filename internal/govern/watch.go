package govern

import (
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Watch notes which findings of a baseline a run has looked at. It keeps only what the
// baseline is about, however much the run reads. It is safe for concurrent use.
type Watch struct {
	mu     sync.Mutex
	about  map[thing]bool     // resources of the baseline
	seen   map[thing]bool     // those that the run met
	judged map[judgement]bool // policies that came to a verdict on one
	cells  map[cell]bool      // read in full
}

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

func (k Known) thing() thing { return thing{k.Provider, k.Type, k.Resource} }

// NewWatch returns a Watch for what the baseline is about.
func NewWatch(b Baseline) *Watch {
	w := &Watch{about: map[thing]bool{}, seen: map[thing]bool{}, judged: map[judgement]bool{}, cells: map[cell]bool{}}
	for _, k := range b.Known {
		w.about[k.thing()] = true
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
	w.cells[cell{c.Scope.Provider, c.Scope.ID, c.Region, c.Type}] = true
}

// lookedAt reports whether the run would have found the entry if it were still there: a
// policy came to a verdict on its resource, or the resource is not there and the cell in
// which it was has been read in full.
func (w *Watch) lookedAt(k Known) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen[k.thing()] {
		return w.judged[judgement{k.Policy, k.thing()}]
	}
	// A type that is listed once for the whole account has a cell without a region.
	return w.cells[cell{k.Provider, k.Account, k.Region, k.Type}] || w.cells[cell{k.Provider, k.Account, "", k.Type}]
}

// Shrink returns the baseline without what the run looked at and found gone, and how
// much that is. What the run did not look at stays, and nothing is added.
func (b Baseline) Shrink(run finding.Run, w *Watch, names Names) (smaller Baseline, gone int) {
	failing := map[string]bool{}
	for _, f := range run.Findings {
		if f.Verdict == finding.Fail {
			failing[f.Fingerprint] = true
		}
	}
	smaller = b
	smaller.Known = []Known{}
	renamed := names.renamed()
	for _, k := range b.Known {
		now := k.today(renamed)
		_, selected := run.Policy(now.Policy)
		if selected && !failing[now.Fingerprint] && w.lookedAt(now) {
			gone++
			continue
		}
		smaller.Known = append(smaller.Known, k)
	}
	slices.SortFunc(smaller.Known, compareKnown)
	return smaller, gone
}
