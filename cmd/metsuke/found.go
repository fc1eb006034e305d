package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
)

// found selects accounts and regions and remembers the regions it was asked about:
// whether --account and --region mean anything is known only when the providers have
// looked. It is safe for concurrent use.
type found struct {
	sel     selection
	mu      sync.Mutex
	regions map[string]bool
}

func newFound(sel selection) *found {
	return &found{sel: sel, regions: map[string]bool{}}
}

// scope selects accounts, projects and organisations by id and by name.
func (f *found) scope(s providers.Scope) bool {
	return pick(f.sel.accounts, s.ID, s.Name)
}

// region selects a resource's region. What is global is never left out.
func (f *found) region(r string) bool {
	f.saw(r)
	return r == "" || pick(f.sel.regions, r)
}

func (f *found) typ(t providers.Type) bool { return pick(f.sel.types, string(t)) }

// saw remembers a region.
func (f *found) saw(region string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if region != "" {
		f.regions[region] = true
	}
}

// checkAccounts refuses patterns that match none of the scopes.
func (f *found) checkAccounts(scopes []providers.Scope) error {
	var names []string
	for _, s := range scopes {
		names = append(names, s.ID)
		if s.Name != "" && s.Name != s.ID {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	for _, p := range f.sel.accounts {
		name := strings.TrimPrefix(p, "!")
		if len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return matches(name, n) }) {
			return fmt.Errorf("--account %s matches nothing%s; found were %s", p, nearest.Hint(name, names), strings.Join(first(names, 12), ", "))
		}
	}
	if len(scopes) > 0 && !slices.ContainsFunc(scopes, f.scope) {
		return fmt.Errorf("--account %s leaves nothing of %s", strings.Join(f.sel.accounts, ","), strings.Join(first(names, 12), ", "))
	}
	return nil
}

// checkRegions refuses a selection of regions that left nothing of those found, and
// returns the patterns that matched none of them. Where no region was found at all the
// gaps say why.
func (f *found) checkRegions(gaps []providers.Gap) (idle []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	names := slices.Sorted(maps.Keys(f.regions))
	if len(names) == 0 {
		// A provider that has regions takes plain names at their word until it asks for them.
		i := slices.IndexFunc(gaps, func(g providers.Gap) bool { return g.ID == "" && g.Path == "" && g.Reason == providers.Failed })
		if len(f.sel.regions) > 0 && i >= 0 {
			return nil, fmt.Errorf("--region %s leaves nothing: %s", strings.Join(f.sel.regions, ","), gaps[i].Err)
		}
		return nil, nil
	}
	for _, p := range f.sel.regions {
		name := strings.TrimPrefix(p, "!")
		if !slices.ContainsFunc(names, func(n string) bool { return matches(name, n) }) {
			idle = append(idle, p)
		}
	}
	if !slices.ContainsFunc(names, func(n string) bool { return pick(f.sel.regions, n) }) {
		p := strings.Join(f.sel.regions, ",")
		return nil, fmt.Errorf("--region %s leaves nothing%s; found were %s", p, nearest.Hint(p, names), strings.Join(first(names, 12), ", "))
	}
	return idle, nil
}

// first returns at most n of the names, and says how many are left out.
func first(names []string, n int) []string {
	if len(names) <= n {
		return names
	}
	return append(slices.Clone(names[:n]), fmt.Sprintf("and %d more", len(names)-n))
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
