// Package estate holds the part of a live inventory that a plan is judged beside, and
// tells which live resources the planned ones are. It judges nothing.
package estate

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/inventory"
	"github.com/metsuke-dev/metsuke/providers"
)

// Estate is a live inventory, of which only the types that were needed are kept. It is
// safe for concurrent use.
type Estate struct {
	inventory []providers.Provider
	scopes    []providers.Scope
	limited   bool // to some regions

	mu   sync.Mutex
	kept map[providers.Type]*kept
}

// kept is a type of which every resource is held.
type kept struct {
	attributes []string
	log        *inventory.Log
	mu         sync.Mutex
	resources  map[ScopeID][]providers.Resource
}

// ScopeID identifies a scope.
type ScopeID struct{ Provider, ID string }

// IDOf returns what identifies the scope.
func IDOf(s providers.Scope) ScopeID { return ScopeID{s.Provider, s.ID} }

// New returns the estate of an inventory's providers. Their scopes are what the
// inventory could list: that there may be more says nothing about these. One that is
// limited to some regions has no type in full that is listed region by region.
func New(ctx context.Context, saved []providers.Provider, limited bool) *Estate {
	e := &Estate{inventory: saved, limited: limited, kept: map[providers.Type]*kept{}}
	for _, p := range saved {
		scopes, _ := p.Scopes(ctx)
		e.scopes = append(e.scopes, scopes...)
	}
	return e
}

// Scopes returns the accounts, projects and organisations of the inventory.
func (e *Estate) Scopes() []providers.Scope { return slices.Clone(e.scopes) }

// provider returns the one that has the type, nil when none has. A plan in the
// inventory has types of others: only scopes of live accounts count.
func (e *Estate) provider(t providers.Type) providers.Provider {
	for _, p := range e.inventory {
		d := p.Describe()
		if _, ok := d.Type(t); ok && !isPlan(p) {
			return p
		}
	}
	return nil
}

// isPlan reports whether the provider knows beforehand what it holds: it is a file.
func isPlan(p providers.Provider) bool {
	_, ok := p.(interface{ Types() []providers.Type })
	return ok
}

// Need reads the types with the attributes, as far as they are not held yet.
func (e *Estate) Need(ctx context.Context, wants []providers.Want) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, w := range merged(wants) {
		k := e.kept[w.Type]
		if k != nil && !slices.ContainsFunc(w.Attributes, func(a string) bool { return !slices.Contains(k.attributes, a) }) {
			continue
		}
		if k != nil {
			w.Attributes = slices.Compact(slices.Sorted(slices.Values(slices.Concat(w.Attributes, k.attributes))))
		}
		fresh := &kept{attributes: w.Attributes, log: inventory.NewLog(), resources: map[ScopeID][]providers.Resource{}}
		if p := e.provider(w.Type); p != nil {
			for _, s := range e.scopes {
				if s.Provider != p.Describe().Name {
					continue
				}
				if err := p.Collect(ctx, s, []providers.Want{w}, fresh); err != nil {
					return fmt.Errorf("read the inventory of %s: %w", s.ID, err)
				}
			}
		}
		e.kept[w.Type] = fresh
	}
	return nil
}

// merged returns one Want for each type.
func merged(wants []providers.Want) []providers.Want {
	sets := map[providers.Type][]string{}
	for _, w := range wants {
		sets[w.Type] = append(sets[w.Type], w.Attributes...)
	}
	var out []providers.Want
	for t, as := range sets {
		out = append(out, providers.Want{Type: t, Attributes: slices.Compact(slices.Sorted(slices.Values(as)))})
	}
	return out
}

// Plan implements providers.Sink.
func (k *kept) Plan(cells ...providers.Cell) { k.log.Plan(cells...) }

// Done implements providers.Sink.
func (k *kept) Done(c providers.Cell) { k.log.Done(c) }

// Gap implements providers.Sink.
func (k *kept) Gap(g providers.Gap) { k.log.Gap(g) }

// Resource implements providers.Sink.
func (k *kept) Resource(r providers.Resource) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.resources[IDOf(r.Scope)] = append(k.resources[IDOf(r.Scope)], r)
}

// Of returns the resources of the type in the scope, of those that were needed.
func (e *Estate) Of(s ScopeID, t providers.Type) []providers.Resource {
	e.mu.Lock()
	defer e.mu.Unlock()
	if k := e.kept[t]; k != nil {
		return k.resources[s]
	}
	return nil
}

// Missed says whether the type was not listed in full in the scope, and why. A type
// that the scope's provider does not have is Unsupported there, as in a live scan.
func (e *Estate) Missed(s ScopeID, t providers.Type) (providers.Reason, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	k := e.kept[t]
	p := e.provider(t)
	if p == nil || k == nil || p.Describe().Name != s.Provider {
		return providers.Unsupported, true
	}
	if ti, _ := p.Describe().Type(t); e.limited && !ti.Global {
		return providers.Uncollected, true
	}
	return k.log.Missed(providers.Scope{Provider: s.Provider, ID: s.ID}, t)
}

// types returns the types that are held.
func (e *Estate) types() map[providers.Type]*kept {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[providers.Type]*kept{}
	for t, k := range e.kept {
		out[t] = k
	}
	return out
}
