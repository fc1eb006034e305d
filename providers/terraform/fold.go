package terraform

import (
	"slices"
)

// folding is where the satellites of one type of resource belong.
type folding struct {
	nodes  map[int]map[string][]*node // by the resource's entry and the satellite's type
	gone   map[int]map[string][]*node // likewise, those that the plan deletes
	masked map[int]map[string]bool    // model attributes that may or may not be configured
	all    map[string]bool            // the same for every resource of the type
}

// fold finds the resource of every satellite in the plan that bears on one of
// the wanted attributes.
func (c *collector) fold(m *mapping, wanted []string, resources []int) *folding {
	f := &folding{nodes: map[int]map[string][]*node{}, gone: map[int]map[string][]*node{}, masked: map[int]map[string]bool{}, all: map[string]bool{}}
	values := map[string]map[string][]int{} // by attribute and value
	for _, s := range m.satellites {
		if !slices.ContainsFunc(s.affects, func(a string) bool { return slices.Contains(wanted, a) }) {
			continue
		}
		for _, i := range c.ix.byType[s.typ] {
			e := c.ix.entries[i]
			if e.flags&(flagDeposed|flagOther) != 0 {
				continue
			}
			c.index(values, s.by, resources)
			n := c.load(i)
			if e.judged() {
				c.place(f, m, s, n, values)
				continue
			}
			if n.action == "forget" {
				continue // no longer managed, but still there
			}
			for _, ref := range refValues(n.at(s.ref)) {
				for _, r := range lookUp(values, s.by, ref) {
					attach(f.gone, r, n, s.typ)
				}
			}
		}
	}
	return f
}

// index notes under which values the resources are known.
func (c *collector) index(values map[string]map[string][]int, by []string, resources []int) {
	by = slices.DeleteFunc(slices.Clone(by), func(a string) bool { return values[a] != nil })
	if len(by) == 0 {
		return
	}
	for _, a := range by {
		values[a] = map[string][]int{}
	}
	var buf []byte
	for _, i := range resources {
		buf = c.read(buf, i)
		n := newNode(c, i, buf)
		for _, a := range by {
			if v, ok := n.at(a).(string); ok && v != "" {
				values[a][v] = append(values[a][v], i)
			}
		}
	}
}

func lookUp(values map[string]map[string][]int, by []string, value string) []int {
	var out []int
	for _, a := range by {
		out = append(out, values[a][value]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// refValues returns the known values of a reference: one, or those of a list.
func refValues(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// place folds a satellite into the resources that it configures: by the value of
// its reference where that is known and unique, by the configuration's references
// otherwise. Where neither says which resource is meant, the attributes it bears
// on become unknown in every one that may be.
func (c *collector) place(f *folding, m *mapping, s satellite, n *node, values map[string]map[string][]int) {
	ref := n.at(s.ref)
	_, many := ref.([]any)
	_, open := anyUnknown(ref)
	var certain []int
	ambiguous := map[int]bool{}
	for _, v := range refValues(ref) {
		found := lookUp(values, s.by, v)
		if len(found) == 1 {
			certain = append(certain, found[0])
			continue
		}
		for _, i := range found {
			ambiguous[i] = true
		}
		open = open || len(found) > 1 || !many
	}
	if open && (len(certain) == 0 || many) {
		t := c.resolve(n, s.ref, parentGoal{m, s})
		i, one := t.exact()
		switch known := !isUnknown(ref) && !many; {
		case one:
			certain, ambiguous = append(certain, i), nil
		case many && !t.open && !t.vague:
			certain, ambiguous = append(certain, t.entries()...), nil
		case t.open && !known:
			for _, a := range s.affects {
				f.all[a] = true
			}
		default:
			for _, i := range t.entries() {
				ambiguous[i] = true
			}
		}
	}
	slices.Sort(certain)
	for _, i := range slices.Compact(certain) {
		attach(f.nodes, i, n, s.typ)
	}
	for i := range ambiguous {
		for _, a := range s.affects {
			note(f.masked, i, a)
		}
	}
}

func attach(m map[int]map[string][]*node, i int, n *node, typ string) {
	if m[i] == nil {
		m[i] = map[string][]*node{}
	}
	m[i][typ] = append(m[i][typ], n)
}

func note(m map[int]map[string]bool, i int, key string) {
	if m[i] == nil {
		m[i] = map[string]bool{}
	}
	m[i][key] = true
}
