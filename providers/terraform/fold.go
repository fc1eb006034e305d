package terraform

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// folding is where the satellites of one type of resource belong.
type folding struct {
	nodes  map[int]map[string][]*node // by the resource's entry and the satellite's type
	gone   map[int]map[string][]*node // likewise, those that the plan deletes
	masked map[int]map[string]bool    // model attributes that may or may not be configured
	all    map[string]bool            // the same for every resource of the type
	// alone stands for the resources of satellites that are judged although it cannot
	// be told that their resource is in the plan.
	alone []*node
	keys  map[string]*node // into alone, by what the references have in common
	// shared are targets that are masked already, and whether there were any.
	shared map[sharedKey]bool
	// touched are the entries, touchedAll says that it is all of them, whose satellites
	// may be others before the apply.
	touched    map[int]bool
	touchedAll bool
	// unsettled are of alone: before the apply their satellites may belong elsewhere.
	unsettled map[*node]bool
}

// touches reports whether the node may have other satellites before the apply.
func (f *folding) touches(n *node) bool { return f.touchedAll || f.touched[n.entry] || f.unsettled[n] }

type sharedKey struct {
	targets   *targets
	satellite string
}

// known says which resources have which value in which attribute.
type known map[string]map[string][]match

type match struct {
	entry    int
	provider string // the resource's provider configuration
}

// fold finds the resource of every satellite in the plan that bears on one of
// the wanted attributes.
func (c *collector) fold(m *mapping, wanted []string, resources []int) *folding {
	f := &folding{
		nodes: map[int]map[string][]*node{}, gone: map[int]map[string][]*node{}, masked: map[int]map[string]bool{},
		all: map[string]bool{}, keys: map[string]*node{}, shared: map[sharedKey]bool{}, touched: map[int]bool{}, unsettled: map[*node]bool{},
	}
	values := known{}
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
			b := c.read(nil, i)
			n := newNode(c, i, b)
			if e.exists(c.p.view) {
				switch certain, possible := c.place(f, m, s, n, values); {
				case certain, n.refersToNone(s.ref), !e.judged(c.p.view):
				case s.alone:
					f.standIn(c, m, s, n)
				case !possible && !s.optional:
					c.p.note(s.typ+" configures resources that are not in the "+c.ix.what, n.address)
				}
			}
			if c.p.view == viewAfter && !e.steady() && e.exists(viewBefore) {
				f.takeAway(c, m, s, nodeIn(viewBefore, c, i, b), values)
			}
		}
	}
	return f
}

// takeAway notes the resources from which the plan takes a satellite, as it is before the
// apply: by deleting it, or by giving it to another one.
func (f *folding) takeAway(c *collector, m *mapping, s satellite, n *node, values known) {
	n.action = "delete"
	var from []int
	for _, ref := range refValues(n.at(s.ref)) {
		for _, r := range values.lookUp(s.by, ref) {
			from = append(from, r.entry)
		}
	}
	sure := true
	if len(from) == 0 {
		t := c.resolve(n, s.ref, parentGoal{m, s})
		from = t.entries()
		_, sure = t.exact()
		f.touchedAll = f.touchedAll || len(t.shared) > 0
	}
	for _, r := range from {
		f.touched[r] = true
		kept := slices.ContainsFunc(f.nodes[r][s.typ], func(o *node) bool { return o.entry == n.entry })
		if !kept && sure && !f.all[s.affects[0]] && !f.masked[r][s.affects[0]] {
			attach(f.gone, r, n, s.typ)
		}
	}
}

// standIn makes a resource that stands for the one that a satellite configures, when
// that is not in the plan or cannot be told. Satellites with the same reference share it; it has the
// address of the first.
func (f *folding) standIn(c *collector, m *mapping, s satellite, n *node) {
	value, _ := n.at(s.ref).(string)
	key := "value " + n.providerKey() + " " + value // another configuration may be of another account
	if value == "" {
		key = "address " + n.address
		if block := n.block(); block != nil {
			refs := references(member(c.text(block), s.ref), nil)
			own := func(r string) bool { return strings.HasPrefix(r, "each.") || strings.HasPrefix(r, "count.") }
			if len(refs) > 0 && !slices.ContainsFunc(refs, own) {
				key = "references " + n.module + " " + strings.Join(refs, " ")
			}
		}
	}
	address := n.address
	if c.p.view == viewBefore {
		if id, ok := c.p.touched.standIn(m.typ, "is "+n.address, key); ok {
			key, address = "is "+id, id
		}
	}
	of, ok := f.keys[key]
	if !ok {
		of = &node{
			c: c, entry: -1, of: n, address: address, module: n.module, moduleX: n.moduleX, typ: string(m.typ), name: n.name, index: n.index,
			action: n.action, planned: n.planned, unknownMask: allTrue(), called: value, folded: map[string][]*node{},
		}
		f.keys[key] = of
		f.alone = append(f.alone, of)
		if c.p.view == viewAfter {
			c.p.touched.addOutside(m.typ, address, outside{value, n.entry})
		}
	}
	of.folded[s.typ] = append(of.folded[s.typ], n)
	f.unsettled[of] = f.unsettled[of] || c.touched
	if c.p.view == viewAfter {
		c.p.touched.nameStandIn(m.typ, key, of.address)
		c.p.touched.nameStandIn(m.typ, "is "+n.address, of.address)
	}
}

// index notes under which values the resources are known, which are all that there are of
// their types. It also notes where they are: that is asked next where a value is not known.
func (c *collector) index(values known, by []string, resources []int) {
	by = slices.DeleteFunc(slices.Clone(by), func(a string) bool { return values[a] != nil })
	if len(by) == 0 {
		return
	}
	for _, a := range by {
		values[a] = map[string][]match{}
	}
	places := map[string]map[string][]place{}
	var buf []byte
	for _, i := range resources {
		buf = c.read(buf, i)
		n := newNode(c, i, buf)
		if c.places[n.typ] == nil {
			if places[n.typ] == nil {
				places[n.typ] = map[string][]place{}
			}
			keepPlace(places[n.typ], place{n.moduleX, n.index, i}, n.name)
		}
		for _, a := range by {
			if v, ok := n.at(a).(string); ok && v != "" {
				values[a][v] = append(values[a][v], match{i, n.providerKey()})
			}
		}
	}
	maps.Copy(c.places, places)
}

func (k known) lookUp(by []string, value string) []match {
	var out []match
	for _, a := range by {
		out = append(out, k[a][value]...)
	}
	slices.SortFunc(out, func(a, b match) int { return cmp.Compare(a.entry, b.entry) })
	return slices.CompactFunc(out, func(a, b match) bool { return a.entry == b.entry })
}

// refValues returns the known values of a reference: one, or those of a list.
func refValues(v any) []string {
	switch v := v.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok && s != "" {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// refersToNone reports whether a satellite says that it configures nothing of the
// kind: the reference is optional and not set, or a list of nothing. Modules write [""]
// for a name that was not given to them.
func (n *node) refersToNone(ref string) bool {
	v := n.at(ref)
	l, list := v.([]any)
	return or(v, nil) == nil || list && !slices.ContainsFunc(l, func(e any) bool { return or(e, nil) != nil })
}

// place folds a satellite into the resources that it configures: by the value of
// its reference where that is known and unique, by the configuration's references
// otherwise. Where neither says which resource is meant, the attributes it bears
// on become unknown in every one that may be. It reports whether the resource is
// certainly or possibly in the plan.
func (c *collector) place(f *folding, m *mapping, s satellite, n *node, values known) (sure, possible bool) {
	ref := n.at(s.ref)
	_, many := ref.([]any)
	_, open := anyUnknown(ref)
	var certain []int
	ambiguous := map[int]bool{}
	c.touched = n.altered()
	for _, v := range refValues(ref) {
		found := values.lookUp(s.by, v)
		// The same name with another provider configuration may be of another account.
		if len(found) == 1 && (found[0].provider == n.providerKey() || found[0].provider == "" || n.providerKey() == "") {
			certain = append(certain, found[0].entry)
			continue
		}
		for _, i := range found {
			ambiguous[i.entry] = true
		}
		// Of a resource that the plan changes, another view may know another value.
		c.touched = c.touched || len(found) == 0 && c.altersAny(m)
		open = open || len(found) > 0 || !many
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
			f.touchedAll = f.touchedAll || c.touched
			possible = true
		default:
			for _, i := range t.entries() {
				ambiguous[i] = true
			}
			possible = f.maskShared(t.shared, s)
			f.touchedAll = f.touchedAll || c.touched && len(t.shared) > 0
		}
	}
	slices.Sort(certain)
	for _, i := range slices.Compact(certain) {
		attach(f.nodes, i, n, s.typ)
		f.touched[i] = f.touched[i] || c.touched
	}
	for i := range ambiguous {
		f.touched[i] = f.touched[i] || c.touched
		for _, a := range s.affects {
			note(f.masked, i, a)
		}
	}
	return len(certain) > 0, possible || len(ambiguous) > 0
}

// altersAny reports whether the plan changes a resource of the mapping's own types.
func (c *collector) altersAny(m *mapping) bool {
	return c.ix.altered[string(m.typ)] || slices.ContainsFunc(m.also, func(t string) bool { return c.ix.altered[t] })
}

// maskShared makes what the satellite bears on unknown in everything that is shared,
// once. It reports whether there is anything.
func (f *folding) maskShared(shared []*targets, s satellite) bool {
	found := false
	for _, t := range shared {
		key := sharedKey{t, s.typ}
		if _, done := f.shared[key]; !done {
			f.shared[key] = len(t.found) > 0
			for i := range t.found {
				for _, a := range s.affects {
					note(f.masked, i, a)
				}
			}
			if f.maskShared(t.shared, s) {
				f.shared[key] = true
			}
		}
		found = found || f.shared[key]
	}
	return found
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
