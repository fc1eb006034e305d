package transcript

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
)

// Replayed answers as the plan of a transcript did. It is safe for concurrent use.
type Replayed struct {
	of        Transcript
	after     providers.Provider // the resources after the change; nil in the view before it
	collected map[string]Collected
	touched   map[Key]bool
	altered   map[providers.Type]bool
	selves    []providers.Self
	completed map[Key]providers.Resource
	located   map[Located]*providers.Source // without Source
	before    *Replayed
}

// Replay returns a provider that answers as the plan did. after has what was collected of
// it, as it is after the change, such as a saved inventory. The error says what of the
// transcript cannot be read.
func Replay(t Transcript, after providers.Provider) (*Replayed, error) {
	out, err := replayed(t, t.After)
	if err != nil {
		return nil, err
	}
	out.after = after
	var was View
	if t.Before != nil {
		was = *t.Before
	}
	out.before, err = replayed(t, was)
	return out, err
}

func replayed(t Transcript, v View) (*Replayed, error) {
	p := &Replayed{
		of: t, selves: v.Selves, touched: map[Key]bool{}, altered: map[providers.Type]bool{}, collected: map[string]Collected{},
		completed: map[Key]providers.Resource{}, located: map[Located]*providers.Source{},
	}
	for _, k := range v.Touched {
		p.touched[k] = true
	}
	for _, typ := range v.Altered {
		p.altered[typ] = true
	}
	for _, l := range v.Located {
		source := l.Source
		l.Source = nil
		p.located[l] = source
	}
	for _, c := range v.Completed {
		r, err := resource(c.Resource)
		if err != nil {
			return nil, fmt.Errorf("the resource %s: %w", c.ID, err)
		}
		p.completed[c.Key] = r
	}
	for _, c := range v.Collected {
		p.collected[c.Scope.ID] = c
	}
	return p, nil
}

// resource reads a resource. Numbers stay what they were, whatever their size.
func resource(text []byte) (providers.Resource, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var r providers.Resource
	err := d.Decode(&r)
	return r, err
}

// Describe implements Plan.
func (p *Replayed) Describe() providers.Description { return p.of.Description }

// Types implements Plan.
func (p *Replayed) Types() []providers.Type { return slices.Clone(p.of.Types) }

// Generic implements Plan.
func (p *Replayed) Generic() []providers.Type { return slices.Clone(p.of.Generic) }

// Joint implements scan.Joint.
func (p *Replayed) Joint() bool { return p.of.Joint }

// Touches implements Plan.
func (p *Replayed) Touches(t providers.Type, id string) bool { return p.touched[Key{Type: t, ID: id}] }

// Alters implements Plan.
func (p *Replayed) Alters(t providers.Type) bool { return p.altered[t] }

// Before implements Plan.
func (p *Replayed) Before(func(providers.Type) bool) providers.Provider { return p.before }

// Selves implements Plan.
func (p *Replayed) Selves(_ context.Context, types func(providers.Type) bool) ([]providers.Self, error) {
	return slices.DeleteFunc(slices.Clone(p.selves), func(s providers.Self) bool { return !types(s.Type) }), nil
}

// Complete implements Plan.
func (p *Replayed) Complete(r, _ providers.Resource) (providers.Resource, bool) {
	if full, filled := p.completed[keyOf(r)]; filled {
		return full, true
	}
	return r, false
}

// Locate implements Plan.
func (p *Replayed) Locate(r providers.Resource, path, key string) *providers.Source {
	return p.located[Located{Key: keyOf(r), Path: path, Finding: key}]
}

// Scopes implements Plan.
func (p *Replayed) Scopes(ctx context.Context) ([]providers.Scope, error) {
	if p.after != nil {
		return p.after.Scopes(ctx)
	}
	var out []providers.Scope
	for _, c := range p.collected {
		out = append(out, c.Scope)
	}
	slices.SortFunc(out, func(a, b providers.Scope) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// Collect implements Plan.
func (p *Replayed) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	if p.after != nil {
		return p.after.Collect(ctx, s, want, out)
	}
	c := p.collected[s.ID]
	if c.Failed != nil {
		return failure{*c.Failed}
	}
	out.Plan(c.Cells...)
	for _, g := range c.Gaps {
		out.Gap(g)
	}
	for _, text := range c.Resources {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := resource(text)
		if err != nil {
			return fmt.Errorf("collect %s: %w", s.ID, err)
		}
		out.Resource(r)
	}
	for _, cell := range c.Done {
		out.Done(cell)
	}
	return nil
}

// failure is why a scope could not be read.
type failure struct{ gap providers.Gap }

func (f failure) Error() string { return f.gap.Err }

// Gap returns what had been said.
func (f failure) Gap() providers.Gap { return f.gap }
