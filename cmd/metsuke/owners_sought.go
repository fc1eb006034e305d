package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// sought is a Sink that keeps the resources that a name may mean. It is safe for
// concurrent use.
type sought struct {
	name string
	by   func(providers.Resource) *finding.ManagedBy

	mu    sync.Mutex
	exact []providers.Resource // by id or address
	named []providers.Resource
	gaps  []providers.Gap
}

// in looks through the providers, for the tags of everything and what is wanted besides.
func (s *sought) in(ctx context.Context, ps []providers.Provider, besides []providers.Want) error {
	for _, p := range ps {
		var want []providers.Want
		for _, t := range p.Describe().Types {
			want = append(want, providers.Want{Type: t.Type, Attributes: []string{"tags"}})
		}
		want = providers.Also(want, besides)
		scopes, err := p.Scopes(ctx)
		if err != nil {
			if len(scopes) == 0 {
				return err
			}
			s.Gap(providers.Gap{}) // of accounts that were not listed
		}
		for _, sc := range scopes {
			if err := p.Collect(ctx, sc, want, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// one returns the resource that the name means.
func (s *sought) one(where string) (providers.Resource, error) {
	all := s.exact
	if len(all) == 0 {
		all = s.named
	}
	switch len(all) {
	case 0:
		return providers.Resource{}, fmt.Errorf("there is no resource %s in %s: neither an id nor a name nor a Terraform address is so%s", s.name, where, s.unread())
	case 1:
		return all[0], nil
	}
	var ids []string
	for _, r := range all {
		ids = append(ids, fmt.Sprintf("%s %s in %s", r.Type, r.ID, r.Scope.ID))
	}
	slices.Sort(ids)
	return providers.Resource{}, fmt.Errorf("%s means %d resources in %s; give the id of one: %s", s.name, len(all), where, strings.Join(first(ids, 12), ", "))
}

// unread says that the resource may be in what was not read.
func (s *sought) unread() string {
	var in []string
	for _, g := range s.gaps {
		switch {
		case g.ID != "" || g.Path != "": // a part of what is there
		case g.Type != "":
			in = append(in, string(g.Type))
		default:
			in = append(in, strings.TrimSpace("accounts "+g.Scope.ID))
		}
	}
	if len(in) == 0 {
		return ""
	}
	slices.Sort(in)
	return "; it may be in what could not be read there: " + strings.Join(first(slices.Compact(in), 12), ", ")
}

// Resource implements providers.Sink.
func (s *sought) Resource(r providers.Resource) {
	exact := r.ID == s.name || r.Source != nil && r.Source.Address == s.name
	if by := s.by(r); by != nil && by.Address == s.name {
		exact = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case exact:
		s.exact = append(s.exact, r)
	case r.Name == s.name:
		s.named = append(s.named, r)
	}
}

// Plan implements providers.Sink.
func (*sought) Plan(...providers.Cell) {}

// Gap implements providers.Sink. What could not be read is unknown in its resource, but for
// what would cure it.
func (s *sought) Gap(g providers.Gap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, g)
}

// cures returns the permissions that would tell more of the resource, of those gaps that
// matter, sorted.
func (s *sought) cures(r providers.Resource, matters func(providers.Gap) bool) []string {
	var out []string
	for _, g := range s.gaps {
		its := g.Scope.Provider == r.Scope.Provider && g.Scope.ID == r.Scope.ID && (g.Type == "" || g.Type == r.Type && (g.ID == "" || g.ID == r.ID))
		if its && g.Permission != "" && matters(g) {
			out = append(out, g.Permission)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Done implements providers.Sink.
func (*sought) Done(providers.Cell) {}
