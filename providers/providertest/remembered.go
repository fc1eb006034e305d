package providertest

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/metsuke-dev/metsuke/providers"
)

// remembering is a sink that has the cells of some types already.
type remembering struct {
	sink
	has   func(providers.Type) bool
	asked []providers.Cell
}

// Has implements providers.Remembering.
func (r *remembering) Has(c providers.Cell) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, c)
	return r.has(c.Type)
}

// testRemembered has all types but one, for one type after the other, and then all.
func (c Config) testRemembered(t *testing.T) {
	d := c.New(t, Faults{}).Describe()
	want := d.Everything()
	full := collect(t, c.New(t, Faults{}), want)
	for _, left := range append([]providers.TypeInfo{{}}, d.Types...) {
		var mu sync.Mutex
		made := map[string]bool{}
		p := c.New(t, Faults{Observe: func(op string) { mu.Lock(); made[op] = true; mu.Unlock() }})
		scopes := scopesOf(t, p)
		out := &remembering{has: func(typ providers.Type) bool { return typ != left.Type }}
		for _, s := range scopes {
			if err := p.Collect(t.Context(), s, want, out); err != nil {
				t.Fatalf("Collect %s: %v", s.ID, err)
			}
		}
		if len(out.asked) == 0 {
			if slices.ContainsFunc(d.Types, func(ti providers.TypeInfo) bool { return len(ti.Calls) > 0 }) {
				t.Error("the sink is never asked what is there already")
			}
			return // what takes no calls is read at once
		}
		if got, want := len(out.planned), len(full.planned); got != want {
			t.Errorf("with all but %s there, %d cells are planned instead of %d", left.Type, got, want)
		}
		for _, cell := range out.done {
			if cell.Type != left.Type {
				t.Errorf("with all but %s there, the cell %s %s was read", left.Type, cell.Type, cell.Region)
			}
		}
		allowed := slices.Clone(c.Ambient)
		for _, call := range left.CallsFor(left.AllAttributes()) {
			allowed = append(allowed, call.Operation)
		}
		for _, op := range slices.Sorted(maps.Keys(made)) {
			if !slices.Contains(allowed, op) {
				t.Errorf("with all but %s there, %s is called", left.Type, op)
			}
		}
		if !slices.Equal(keys(byType(full.resources, left.Type)), keys(out.resources)) {
			t.Errorf("with all but %s there, other resources of it are found than without:\n%v\ninstead of\n%v", left.Type, keys(out.resources), keys(byType(full.resources, left.Type)))
		}
	}
}

func keys(rs []providers.Resource) []string {
	out := make([]string, 0, len(rs))
	for _, r := range rs {
		out = append(out, key(r))
	}
	slices.Sort(out)
	return out
}
