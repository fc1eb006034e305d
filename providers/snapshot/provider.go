package snapshot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// Provider is what one provider had collected.
type Provider struct {
	s      *Snapshot
	name   string
	desc   providers.Description
	wants  map[providers.Type]providers.Want // what the inventory was taken of
	scopes []providers.Scope
	live   *providers.Description // what the provider can read of live accounts; nil where nobody says
}

// Describe reports what the inventory holds, under the name of the provider that it was
// taken by. Nothing of it takes a call.
func (p *Provider) Describe() providers.Description { return p.desc }

// Scopes returns the scopes that were read. Where the provider could not list all of
// them then, the error says why there may be more.
func (p *Provider) Scopes(context.Context) ([]providers.Scope, error) {
	for _, g := range p.s.gaps {
		if g.Scope.Provider == p.name && g.Scope.ID == "" {
			return slices.Clone(p.scopes), unlistedError{g}
		}
	}
	return slices.Clone(p.scopes), nil
}

// unlistedError says why the provider could not list all of its scopes.
type unlistedError struct{ gap providers.Gap }

func (e unlistedError) Error() string { return cmp.Or(e.gap.Err, string(e.gap.Reason)) }

// Gap returns what the provider had said.
func (e unlistedError) Gap() providers.Gap { return e.gap }

// without says of an attribute or type that nobody had asked for it.
const without = "the inventory was taken without it"

// Collect sends what was collected in the scope, narrowed to what is wanted now. What
// is wanted and was not asked for then is a Gap: a type in its whole, an attribute in
// every cell of its type.
func (p *Provider) Collect(ctx context.Context, scope providers.Scope, want []providers.Want, out providers.Sink) error {
	i := slices.IndexFunc(p.scopes, func(s providers.Scope) bool { return s.Provider == scope.Provider && s.ID == scope.ID })
	if i < 0 {
		return fmt.Errorf("collect: %s %s is not in the inventory %s", scope.Provider, scope.ID, p.s.opt.Name)
	}
	scope = p.scopes[i]
	if err := ctx.Err(); err != nil {
		return err
	}
	want = slices.DeleteFunc(slices.Clone(want), func(w providers.Want) bool { _, ok := p.desc.Type(w.Type); return !ok })
	if len(want) == 0 {
		return nil
	}
	// A Gap of a whole scope is about the cells that are known by then.
	for _, w := range want {
		for _, c := range p.cellsOf(scope, w.Type) {
			out.Plan(c.Cell)
		}
	}
	p.replayGaps(scope, want, out)
	for _, w := range want {
		if err := p.collect(ctx, scope, w, out); err != nil {
			return err
		}
	}
	return nil
}

// cellsOf returns the cells of a type in the scope: one for all of it where the
// inventory was taken without the type.
func (p *Provider) cellsOf(scope providers.Scope, t providers.Type) []savedCell {
	if _, ok := p.wants[t]; !ok {
		return []savedCell{{Cell: providers.Cell{Scope: scope, Type: t}}}
	}
	return p.s.cells[place{p.name, scope.ID, t}]
}

// collect sends the resources of one type, and what is to say of its cells.
func (p *Provider) collect(ctx context.Context, scope providers.Scope, w providers.Want, out providers.Sink) error {
	have, taken := p.wants[w.Type]
	cells := p.cellsOf(scope, w.Type)
	w.Attributes = p.given(w)
	missing := slices.DeleteFunc(slices.Clone(w.Attributes), func(a string) bool { return slices.Contains(have.Attributes, a) })
	for _, c := range cells {
		g := providers.Gap{Scope: scope, Region: c.Region, Type: c.Type, Reason: providers.Uncollected}
		switch {
		case !taken:
			g.Err = without
			out.Gap(g)
		case !c.Read && !p.explained(c.Cell):
			g.Reason, g.Err = providers.Failed, "the inventory says that it was not read in full"
			out.Gap(g)
		case len(missing) > 0:
			g.Path, g.Err = strings.Join(missing, ","), without
			out.Gap(g)
		}
	}
	if taken {
		for _, e := range p.s.entries[place{p.name, scope.ID, w.Type}] {
			if err := ctx.Err(); err != nil {
				return err
			}
			r, err := p.s.resource(e, scope, w.Attributes, have.Attributes)
			if err != nil {
				return err
			}
			out.Resource(r)
		}
	}
	for _, c := range cells {
		out.Done(c.Cell)
	}
	return nil
}

// given returns the wanted attributes that the provider can give at all. A policy on
// several types wants of each what only some have, and no other provider makes that a
// Gap either.
func (p *Provider) given(w providers.Want) []string {
	if p.live == nil {
		return w.Attributes
	}
	have := p.wants[w.Type].Attributes
	if ti, ok := p.live.Type(w.Type); ok {
		have = slices.Concat(have, ti.AllAttributes())
	}
	return slices.DeleteFunc(slices.Clone(w.Attributes), func(a string) bool { return !slices.Contains(have, a) })
}

// HasTags reports whether resources of the type have tags, whether or not the inventory
// was taken with them.
func (p *Provider) HasTags(t providers.Type) bool {
	if slices.Contains(p.wants[t].Attributes, "tags") || p.live == nil {
		return true
	}
	ti, ok := p.live.Type(t)
	return !ok || slices.Contains(ti.AllAttributes(), "tags")
}

// explained reports whether a gap says why the cell was not read.
func (p *Provider) explained(c providers.Cell) bool {
	return slices.ContainsFunc(p.s.gaps, func(g providers.Gap) bool {
		return g.ID == "" && g.Path == "" && g.Scope.Provider == c.Scope.Provider && g.Scope.ID == c.Scope.ID &&
			(g.Type == "" || g.Type == c.Type && g.Region == c.Region)
	})
}

// replayGaps sends the gaps of the scope that are about something wanted.
func (p *Provider) replayGaps(scope providers.Scope, want []providers.Want, out providers.Sink) {
	for _, g := range p.s.gaps {
		if g.Scope.Provider != scope.Provider || g.Scope.ID != scope.ID {
			continue
		}
		if g.Type != "" {
			w, ok := providers.Find(want, g.Type)
			if !ok {
				continue
			}
			if g.Path != "" {
				paths := slices.DeleteFunc(strings.Split(g.Path, ","), func(path string) bool { return !wanted(path, w.Attributes) })
				if len(paths) == 0 {
					continue
				}
				g.Path = strings.Join(paths, ",")
			}
		}
		g.Scope = scope
		out.Gap(g)
	}
}

// stored is a resource as it is in the file. Only the attributes that are wanted are
// decoded.
type stored struct {
	Scope      providers.Scope             `json:"scope"`
	Type       providers.Type              `json:"type"`
	ID         string                      `json:"id"`
	Name       string                      `json:"name"`
	Region     string                      `json:"region"`
	Tags       map[string]string           `json:"tags"`
	Created    time.Time                   `json:"created"`
	Attributes map[string]json.RawMessage  `json:"attributes"`
	Unknown    map[string]providers.Reason `json:"unknown"`
	Source     *providers.Source           `json:"source"`
}

// narrow takes of a stored resource what is wanted, and names as unknown what is wanted
// and not there.
func narrow(in stored, scope providers.Scope, want, have []string) (providers.Resource, error) {
	r := providers.Resource{
		Scope: scope, Type: in.Type, ID: in.ID, Name: in.Name, Region: in.Region, Tags: in.Tags, Created: in.Created, Source: in.Source,
		Attributes: make(map[string]any, len(want)),
	}
	if in.Scope.Labels != nil {
		r.Scope.Labels = in.Scope.Labels // where in its scope the resource is
	}
	unknown := map[string]providers.Reason{}
	for path, why := range in.Unknown {
		if wanted(path, want) {
			unknown[path] = why
		}
	}
	for _, a := range want {
		switch text, ok := in.Attributes[a]; {
		case a == "tags":
			if !slices.Contains(have, a) && unknown[a] == "" {
				unknown[a] = providers.Uncollected
			}
		case ok:
			d := json.NewDecoder(bytes.NewReader(text))
			d.UseNumber() // a number stays what it was, whatever its size
			var v any
			if err := d.Decode(&v); err != nil {
				return r, err
			}
			r.Attributes[a] = v
		case unknown[a] == "":
			unknown[a] = providers.Uncollected
		}
	}
	if !slices.Contains(want, "tags") || !slices.Contains(have, "tags") || r.Tags == nil {
		r.Tags = map[string]string{}
	}
	if len(unknown) > 0 {
		r.Unknown = unknown
	}
	return r, nil
}

// wanted reports whether the path of something unknown is about what is wanted. What
// every resource has is always wanted.
func wanted(path string, attributes []string) bool {
	top, _, _ := strings.Cut(path, ".")
	return slices.Contains(attributes, top) || top == "region" || top == "name" || top == "created"
}

// resource reads one resource again.
func (s *Snapshot) resource(e entry, scope providers.Scope, want, have []string) (providers.Resource, error) {
	b := make([]byte, e.length)
	if _, err := s.r.ReadAt(b, e.offset); err != nil {
		return providers.Resource{}, fmt.Errorf("read %s at byte %d: %w", s.opt.Name, e.offset, err)
	}
	var in stored
	err := json.Unmarshal(b, &in)
	r := providers.Resource{}
	if err == nil {
		r, err = narrow(in, scope, want, have)
	}
	if err != nil {
		return r, &Error{File: s.opt.Name, Line: lineAt(s.r, e.offset), Why: "this cannot be read: " + err.Error(), Fix: takeAgain}
	}
	return r, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
