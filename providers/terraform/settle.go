package terraform

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// settlement finds what the live self of a planned resource tells where the plan does
// not: the public access block of a bucket, when another state manages it. A value is taken
// from the live resource when it will be the same after the apply. That is so when
//
//   - the resource exists and stays the same object: it is neither made nor replaced, nor is
//     it a block of another one;
//   - the attribute is in the mapping's settled list, so that nothing else in a plan bears
//     on it than what the following looks at;
//   - it is unknown for being Deferred, or assumed to be null. What is Sensitive stays out of
//     reach;
//   - no satellite that bears on it is made, changed or taken away, and none of which it
//     cannot be told where it belongs;
//   - whatever the attribute's function looks at is known, and the same before and after:
//     attributes of the resource, of its satellites and of what it refers to. Where it looks
//     at nothing, because only the live resource has the attribute, the plan must leave the
//     resource itself alone.
//
// The region of a resource that exists is always settled. A list of which the plan tells
// elements only in part is taken as a whole: which of the live ones is the planned one
// cannot be told. A settlement is not safe for concurrent use.
type settlement struct {
	d       *described
	c       *collector
	f       *folding
	entries map[string]int // by address
}

// settle fills a resource of the plan from its live self. It reports whether there was
// anything to fill.
func (p *Provider) settle(r, live providers.Resource) (providers.Resource, bool) {
	d := p.byType[string(r.Type)]
	if d == nil || d.generic || len(r.Unknown)+len(d.assumed) == 0 {
		return r, false
	}
	p.settling.Lock()
	defer p.settling.Unlock()
	s := p.settlements[r.Type]
	if s == nil {
		s = p.settlementOf(d)
		if p.settlements == nil {
			p.settlements = map[providers.Type]*settlement{}
		}
		p.settlements[r.Type] = s
	}
	i, ok := s.entries[r.ID]
	if !ok {
		return r, false
	}
	n := s.c.load(i)
	n.folded, n.gone = s.f.nodes[i], s.f.gone[i]
	if n.isNew() || !n.existed() {
		return r, false
	}
	out := r
	out.Attributes, out.Unknown = maps.Clone(r.Attributes), map[string]providers.Reason{}
	maps.Copy(out.Unknown, r.Unknown)
	filled := false
	if why, open := r.Unknown["region"]; open && why == deferred && live.Unknown["region"] == "" {
		delete(out.Unknown, "region")
		out.Region, filled = live.Region, true
	}
	for _, a := range d.settled {
		var open []string
		for path, why := range r.Unknown {
			if top, _, _ := strings.Cut(path, "."); top == a && why == deferred {
				open = append(open, path)
			}
		}
		if v, told := r.Attributes[a]; told && v == nil && slices.Contains(d.assumed, a) {
			open = append(open, a)
		}
		if len(open) == 0 || !s.settled(n, a) {
			continue
		}
		if slices.ContainsFunc(open, inList) {
			if !whole(live, a) {
				continue // what the plan does tell of the list is worth more
			}
			for _, path := range open {
				delete(out.Unknown, path)
			}
			open = []string{a}
		}
		for _, path := range open {
			filled = take(&out, live, strings.Split(path, ".")) || filled
		}
	}
	if s.c.err != nil || !filled {
		return r, false
	}
	if len(out.Unknown) == 0 {
		out.Unknown = nil
	}
	return out, filled
}

func (p *Provider) settlementOf(d *described) *settlement {
	after := &Provider{
		r: p.r, name: p.name, prefix: p.prefix, ix: p.ix, types: p.types, byType: p.byType, sources: p.sources,
		notes: map[string]map[string]bool{}, touched: newTouched(), holders: p.holders,
	}
	s := &settlement{d: d, c: after.collector(), entries: map[string]int{}}
	var resources []int
	for _, t := range append([]string{string(d.typ)}, d.also...) {
		for _, i := range p.ix.byType[t] {
			if p.ix.entries[i].judged(viewAfter) {
				resources = append(resources, i)
				s.entries[s.c.load(i).address] = i
			}
		}
	}
	slices.Sort(resources)
	s.f = s.c.fold(&d.mapping, d.settled, resources)
	s.c.tracing = true
	return s
}

// settled reports whether the plan leaves alone what the attribute of the node comes from.
func (s *settlement) settled(n *node, attribute string) bool {
	if (s.f.all[attribute] || s.f.masked[n.entry][attribute]) && s.f.touches(n) {
		return false
	}
	for _, sat := range s.d.satellites {
		if slices.Contains(sat.affects, attribute) && (len(n.gone[sat.typ]) > 0 || slices.ContainsFunc(n.folded[sat.typ], (*node).altered)) {
			return false
		}
	}
	s.c.touched, s.c.reads = false, nil
	switch get := s.d.attributes[attribute]; {
	case get != nil:
		get(n)
	case n.has(attribute):
		n.at(attribute)
	default:
		return !n.altered()
	}
	reads := s.c.reads
	return !s.c.touched && !slices.ContainsFunc(reads, func(r read) bool { return !r.steady() })
}

// Configures reports whether the plan makes, changes or takes away something that
// configures resources of the type, which may be in another plan.
func (p *Provider) Configures(t providers.Type) bool {
	d := p.byType[string(t)]
	return d != nil && slices.ContainsFunc(d.satellites, func(s satellite) bool { return p.ix.altered[s.typ] })
}

// steady reports whether what was read is no secret, and the same before and after.
func (r read) steady() bool {
	if _, open := anyUnknown(r.n.at(r.attribute)); open {
		return false
	}
	switch {
	case !r.n.altered():
		return true
	case r.n.within != nil || r.n.of != nil || r.n.isNew():
		return false
	}
	return bytes.Equal(r.n.after.member(r.attribute), r.n.before().after.member(r.attribute))
}

// inList reports whether the path leads into a list.
func inList(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "."), func(step string) bool {
		_, err := strconv.Atoi(step)
		return err == nil
	})
}

// whole reports whether everything is known of an attribute.
func whole(r providers.Resource, attribute string) bool {
	for path := range r.Unknown {
		if top, _, _ := strings.Cut(path, "."); top == attribute {
			return false
		}
	}
	_, ok := r.Attributes[attribute]
	return ok
}

// take sets what is unknown at the path to what the live resource has there. It reports
// whether anything came of it.
func take(out *providers.Resource, live providers.Resource, path []string) bool {
	at := strings.Join(path, ".")
	for i := range path {
		if why := live.Unknown[strings.Join(path[:i+1], ".")]; why != "" {
			out.Unknown[at] = why
			return true
		}
	}
	now, ok := below(live.Attributes, path)
	if !ok {
		_, open := out.Unknown[at]
		_, collected := live.Attributes[path[0]]
		if open && !collected {
			out.Unknown[at] = providers.Uncollected
		}
		return open && !collected
	}
	delete(out.Unknown, at)
	out.Attributes = with(out.Attributes, path, numbersOf(now))
	takeUnknown(out, live, at)
	return true
}

// below returns what is at the path, false where there is nothing.
func below(v any, path []string) (any, bool) {
	for _, step := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[step]; !ok {
			return nil, false
		}
	}
	return v, true
}

// with returns a copy of an object with another value at the path.
func with(m map[string]any, path []string, v any) map[string]any {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]any{}
	}
	if len(path) > 1 {
		inner, _ := out[path[0]].(map[string]any)
		v = with(inner, path[1:], v)
	}
	out[path[0]] = v
	return out
}
