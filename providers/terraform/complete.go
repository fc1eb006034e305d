package terraform

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

func (t *touched) addOutside(typ providers.Type, id string, o outside) {
	t.mu.Lock()
	defer t.mu.Unlock()
	put(t.outsides, typ, id, o)
}

func (t *touched) outside(typ providers.Type, id string) (outside, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, ok := t.outsides[typ][id]
	return o, ok
}

// Complete fills what stands in for a resource outside of the plan with the live
// resource: what is Outside is taken from there, lists are what is there now without
// what the plan's satellites were, and with what they will be. What a satellite bears on
// in a way that this cannot follow stays Outside. Of a resource of the plan it fills what
// the plan neither tells nor changes (see settlement). It reports whether there was
// anything to complete.
func (p *Provider) Complete(r, live providers.Resource) (providers.Resource, bool) {
	o, ok := p.touched.outside(r.Type, r.ID)
	d := p.byType[string(r.Type)]
	if !ok {
		return p.settle(r, live)
	}
	if o.ref == "" || d == nil {
		return r, false
	}
	prior, err := p.priorSatellites(d, o)
	if err != nil {
		return r, false
	}
	out := r
	out.Attributes, out.Unknown = maps.Clone(r.Attributes), map[string]providers.Reason{}
	rest := map[string]int{} // attributes that hold an unknown rest of a list, and where
	for path, why := range r.Unknown {
		top, below, _ := strings.Cut(path, ".")
		if i, err := strconv.Atoi(below); why == providers.Outside && err == nil {
			rest[top] = i
			continue
		}
		if why != providers.Outside || prior.blocked[top] {
			out.Unknown[path] = why
			continue
		}
		switch top {
		case "region":
			out.Region = live.Region
		case "tags":
			out.Tags = live.Tags
		default:
			prior.fill(&out, live, top, nil)
			continue
		}
		takeUnknown(&out, live, top)
	}
	for top, i := range rest {
		planned := listIn(r.Attributes[top])
		if prior.blocked[top] || i >= len(planned) || i != len(planned)-1 {
			out.Unknown[top+"."+strconv.Itoa(i)] = providers.Outside
			continue
		}
		prior.fill(&out, live, top, planned[:i])
	}
	if len(out.Unknown) == 0 {
		out.Unknown = nil
	}
	return out, true
}

// takeUnknown takes over what is unknown of a live attribute.
func takeUnknown(out *providers.Resource, live providers.Resource, top string) {
	for path, why := range live.Unknown {
		if path == top || strings.HasPrefix(path, top+".") {
			out.Unknown[path] = why
		}
	}
}

// satellites is what the plan's satellites of a resource outside of it are before the
// change.
type satellites struct {
	d  *described
	of *node
	// blocked are attributes that other satellites in the plan bear on, which are not
	// judged without their resource.
	blocked map[string]bool
}

// priorSatellites returns the satellites with the reference as they are before.
func (p *Provider) priorSatellites(d *described, o outside) (*satellites, error) {
	view := &Provider{
		r: p.r, name: p.name, prefix: p.prefix, ix: p.ix, types: p.types, byType: p.byType, sources: p.sources,
		notes: map[string]map[string]bool{}, touched: newTouched(), view: viewBefore, holders: p.holders,
	}
	c := view.collector()
	key := c.load(o.entry).providerKey()
	out := &satellites{d: d, blocked: map[string]bool{}}
	folded := map[string][]*node{}
	var first *node
	for _, s := range d.satellites {
		for _, i := range p.ix.byType[s.typ] {
			e := p.ix.entries[i]
			if e.flags&(flagDeposed|flagOther|flagNew) != 0 && s.alone {
				continue
			}
			n := c.load(i)
			own := n.providerKey()
			if !slices.Contains(refValues(n.at(s.ref)), o.ref) || own != "" && key != "" && own != key {
				continue
			}
			// What the plan destroys has no block any more that says of which account it is.
			elsewhere := own != key && p.ix.configurations(n.cloud()) > 1
			if !s.alone || elsewhere {
				for _, a := range s.affects {
					out.blocked[a] = out.blocked[a] || !e.steady()
				}
				continue
			}
			folded[s.typ] = append(folded[s.typ], n)
			first = n
		}
	}
	if first != nil {
		out.of = &node{
			c: c, entry: -1, of: first, address: first.address, module: first.module, moduleX: first.moduleX, typ: string(d.typ), name: first.name,
			action: "no-op", planned: "no-op", unknownMask: allTrue(), called: o.ref, folded: folded,
		}
	}
	return out, c.err
}

// fill sets an attribute to the live value. Of a list, the elements that the plan's
// satellites were or will be are taken out, and the planned ones follow.
func (s *satellites) fill(out *providers.Resource, live providers.Resource, top string, planned []any) {
	now, ok := live.Attributes[top]
	if why := live.Unknown[top]; !ok || why != "" {
		if why == "" {
			why = providers.Uncollected
		}
		delete(out.Attributes, top)
		out.Unknown[top] = why
		return
	}
	base, isList := numbersOf(now).([]any)
	if !isList && planned == nil {
		out.Attributes[top] = now
		takeUnknown(out, live, top)
		return
	}
	was, known := s.was(top)
	before := len(base)
	base = s.without(top, base, slices.Concat(was, planned))
	parts := slices.ContainsFunc(slices.Collect(maps.Keys(live.Unknown)), func(path string) bool { return strings.HasPrefix(path, top+".") })
	if !known || parts && len(base) != before {
		delete(out.Attributes, top)
		out.Unknown[top] = providers.Outside // which element is unknown cannot be told any more
		return
	}
	shift(out.Unknown, top, len(base)) // the planned elements come behind the others
	takeUnknown(out, live, top)
	out.Attributes[top] = slices.Concat(base, planned)
}

// shift moves what is unknown of the elements of a list by so many places.
func shift(unknown map[string]providers.Reason, top string, by int) {
	moved := map[string]providers.Reason{}
	for path, why := range unknown {
		steps := strings.Split(path, ".")
		if len(steps) < 2 || steps[0] != top {
			continue
		}
		if i, err := strconv.Atoi(steps[1]); err == nil {
			steps[1] = strconv.Itoa(i + by)
			moved[strings.Join(steps, ".")] = why
			delete(unknown, path)
		}
	}
	maps.Copy(unknown, moved)
}

// was returns the elements of a list that the satellites are before the change, and
// whether all of them are known.
func (s *satellites) was(top string) ([]any, bool) {
	get := s.d.attributes[top]
	if s.of == nil || get == nil || !s.d.configures(s.of, top) {
		return nil, true
	}
	v := get(s.of)
	if v == (unknown{providers.Outside}) {
		return nil, true
	}
	l, ok := v.([]any)
	if !ok {
		return nil, false
	}
	l = slices.DeleteFunc(l, func(e any) bool { return e == (unknown{providers.Outside}) })
	sh := &shaper{unknown: map[string]providers.Reason{}}
	shaped := sh.shape(s.d.schema.properties[top], l, top)
	return listIn(shaped), len(sh.unknown) == 0
}

// without takes elements out of a live list.
func (s *satellites) without(top string, live, planned []any) []any {
	if f := s.d.without[top]; f != nil {
		return f(live, planned)
	}
	return slices.DeleteFunc(slices.Clone(live), func(l any) bool {
		return slices.ContainsFunc(planned, func(p any) bool { return reflect.DeepEqual(l, p) })
	})
}

// numbersOf gives the numbers of a saved inventory the form of those of a plan.
func numbersOf(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v.String())
	case int:
		return int64(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = numbersOf(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = numbersOf(e)
		}
		return out
	}
	return v
}
