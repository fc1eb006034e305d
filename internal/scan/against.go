package scan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/metsuke-dev/metsuke/internal/estate"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Against is a live estate beside which plans are judged: joins see planned and live
// resources together, and what stands in for a live resource is completed from it.
type Against struct {
	Inventory []providers.Provider // of a saved inventory
	Time      time.Time            // when it was taken
	// Accounts, by id or name, are those of resources for which the plan names none.
	Accounts []string
	// Limited says that the inventory was taken of some regions only.
	Limited bool
}

// Planned is implemented by providers of plans: their resources take the place of live
// ones. A provider that wraps another one has an Unwrap method.
type Planned interface {
	// Selves returns, after Collect, which live resources those of the types are.
	Selves(ctx context.Context, types func(providers.Type) bool) ([]providers.Self, error)
	// Complete fills what stands in for a live resource from that one, and what the plan
	// neither tells nor changes of a resource from its live self. It reports whether there was
	// anything to fill.
	Complete(r, live providers.Resource) (providers.Resource, bool)
}

// live is the estate of a run, and what there is to say of it.
type live struct {
	estate   *estate.Estate
	accounts []string
	time     time.Time

	mu    sync.Mutex
	notes map[string]bool
	// was are findings of live resources that the plan's are completed from: what fails
	// before the plan. By the plan's scope.
	was map[[2]string][]finding.Finding
	// fixed are findings of live resources that are not planned and that a plan mends
	// by changing what they join.
	fixed []finding.Finding
}

func newLive(ctx context.Context, a *Against) *live {
	if a == nil {
		return nil
	}
	return &live{estate: estate.New(ctx, a.Inventory, a.Limited), accounts: a.Accounts, time: a.Time, notes: map[string]bool{}, was: map[[2]string][]finding.Finding{}}
}

func (l *live) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes[fmt.Sprintf(format, args...)] = true
}

// Notes returns what a person should know, sorted.
func (l *live) Notes() []string {
	if l == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(l.notes))
}

// failedIn returns what failed of live resources that those of the scope's plan are
// completed from.
func (l *live) failedIn(s providers.Scope) []finding.Finding {
	if l == nil {
		return nil
	}
	return l.was[[2]string{s.Provider, s.ID}]
}

// mended returns what plans mend of live resources that are not planned.
func (l *live) mended() []finding.Finding {
	if l == nil {
		return nil
	}
	return l.fixed
}
