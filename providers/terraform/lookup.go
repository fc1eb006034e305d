package terraform

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// provenance is where in the plan a resource came from that was sent. It is kept only when
// there are sources to point into.
type provenance struct {
	// entry is that of the resource, or of the one in which it is a block; of a resource
	// that is not in the plan, that of the satellite for which one stands in.
	entry   int32
	standIn bool
	path    []any   // of the block
	folded  []int32 // satellites
}

type sentKey struct {
	typ providers.Type
	id  string
}

// remember keeps what Locate needs to know of a resource. What is only there before the
// apply has no lines but that of its block.
func (p *Provider) remember(t providers.Type, n *node) {
	if p.sources == nil || p.view != viewAfter {
		return
	}
	o := provenance{entry: int32(n.entry), path: n.path}
	switch {
	case n.of != nil:
		o.entry, o.standIn = int32(n.of.entry), true
	case n.within != nil:
		o.entry = int32(n.within.entry)
	}
	for _, typ := range slices.Sorted(maps.Keys(n.folded)) {
		for _, s := range n.folded[typ] {
			o.folded = append(o.folded, int32(s.entry))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sent == nil {
		p.sent = map[sentKey]provenance{}
	}
	p.sent[sentKey{t, n.address}] = o
}

// Locate returns the source of a resource that was sent, with the file and line of the
// attribute at the path: those of the block of another resource where this one configures
// the attribute. The key of the finding tells apart the blocks of a list and the members
// of an object. The result is nil where the sources do not say more than r.Source does.
func (p *Provider) Locate(r providers.Resource, path, key string) *providers.Source {
	if p.sources == nil || r.Source == nil || path == "" {
		return nil
	}
	p.mu.Lock()
	o, ok := p.sent[sentKey{r.Type, r.ID}]
	p.mu.Unlock()
	d := p.byType[string(r.Type)]
	if !ok || d == nil {
		return nil
	}
	p.locating.Lock()
	defer p.locating.Unlock()
	if p.locator == nil {
		p.locator = p.collector()
		p.locator.tracing = true
	}
	l := newLookup(p.locator, d, o, r.ID, path, key)
	if l == nil {
		return nil
	}
	at, found := l.find()
	if !found {
		return nil
	}
	out := *r.Source
	out.File, out.Line, out.Calls = at.file, at.line, at.calls
	return &out
}

// lookup is the search for one attribute.
type lookup struct {
	c     *collector
	d     *described
	n     *node
	steps []string // of the path, the indices of lists left out
	index int      // in the list that the attribute is, -1 where the path has none
	key   string
}

// spot is a line of the sources.
type spot struct {
	file  string
	line  int
	calls []providers.Place
}

func newLookup(c *collector, d *described, o provenance, id, path, key string) *lookup {
	l := &lookup{c: c, d: d, key: key, index: -1}
	for at, step := range strings.Split(path, ".") {
		switch i, err := strconv.Atoi(step); {
		case err != nil:
			l.steps = append(l.steps, step)
		case at == 1:
			l.index = i
		}
	}
	if s, err := d.read(); err != nil || len(l.steps) == 0 || s.properties[l.steps[0]] == nil && l.steps[0] != "tags" {
		return nil
	}
	l.n = c.load(int(o.entry))
	switch {
	case o.standIn:
		l.n = &node{
			c: c, entry: -1, of: l.n, address: id, module: l.n.module, moduleX: l.n.moduleX, typ: string(d.typ), name: l.n.name, index: l.n.index,
			action: l.n.action, unknownMask: allTrue(),
		}
	case o.path != nil:
		name, _ := o.path[0].(string)
		i, _ := o.path[1].(int)
		l.n = l.n.inner(name, i, strings.TrimPrefix(id, l.n.address+"/"))
	}
	l.n.folded = map[string][]*node{}
	for _, i := range o.folded {
		s := c.load(int(i))
		l.n.folded[s.typ] = append(l.n.folded[s.typ], s)
	}
	if c.err != nil {
		c.err = nil // what could not be read a second time has no place
		return nil
	}
	return l
}

// written is a block that may give the attribute its value.
type written struct {
	n       *node
	block   *sourceBlock
	parts   []element
	calls   []providers.Place
	foreign bool // of another resource, which configures the attribute
}

// find returns the line of the attribute.
func (l *lookup) find() (spot, bool) {
	own, blocks := l.blocks()
	if len(blocks) == 0 {
		if own == nil {
			return spot{}, false
		}
		return l.in(own)
	}
	if own != nil && len(named(own.parts, l.steps[0])) > 0 {
		blocks = append(blocks, own)
	}
	texts := make([][]string, len(blocks))
	for i, b := range blocks {
		texts[i] = b.words(l.steps[0])
	}
	var live []string
	if own == nil || len(named(own.parts, l.steps[0])) == 0 {
		live = leaves(l.n.at(l.steps[0]), nil) // read back, so that nobody may have written it
	}
	var at *written
	for _, i := range pickByKey(l.key, texts, live) {
		if at != nil && at.block != blocks[i].block {
			return spot{}, false
		}
		at = blocks[i] // of several instances of a block, any
	}
	if at == nil {
		return spot{}, false
	}
	return l.in(at)
}

// blocks returns the resource's own block, nil where it is not in the sources, and those
// of the satellites that bear on the attribute.
func (l *lookup) blocks() (own *written, others []*written) {
	s := l.c.p.sources
	s.mu.Lock()
	defer s.mu.Unlock()
	add := func(n *node, foreign bool) *written {
		m := l.c.ix.root.find(n.moduleX)
		if m == nil || s.elsewhere(m) {
			return nil
		}
		b := s.block(m, n)
		if b == nil {
			return nil
		}
		return &written{n: n, block: b, parts: b.parts(), calls: s.calls(m), foreign: foreign}
	}
	switch {
	case l.n.of != nil:
	case l.n.within != nil:
		if own = add(l.n.within, false); own != nil {
			name, _ := l.n.path[0].(string)
			inner := named(own.parts, name)
			if len(inner) != 1 {
				return nil, nil
			}
			own.n, own.parts = l.n, inner[0].parts
		}
	default:
		own = add(l.n, false)
	}
	for _, sat := range l.d.satellites {
		if !slices.Contains(sat.affects, l.steps[0]) {
			continue
		}
		for _, n := range l.n.folded[sat.typ] {
			if w := add(n, true); w != nil {
				others = append(others, w)
			}
		}
	}
	return own, others
}

// in returns the line of the attribute in a block: the whole block's where it does not
// write the attribute.
func (l *lookup) in(w *written) (spot, bool) {
	at := spot{w.block.file, w.block.line, w.calls}
	e, ok := l.element(w)
	if !ok {
		return at, w.foreign
	}
	at.line = e.line
	if l.key != "" {
		if members := deep(e.parts, l.key); len(members) == 1 {
			at.line = members[0].line
		}
	}
	return at, true
}

// element returns the argument or nested block for the attribute.
func (l *lookup) element(w *written) (element, bool) {
	rest := l.steps[1:]
	if e, ok := l.one(w, named(w.parts, l.steps[0])); ok {
		if inner, ok := descend(e.parts, rest); ok {
			return inner, true
		}
		return e, true
	}
	if len(named(w.parts, l.steps[0])) > 0 {
		return element{}, false // several, which the key does not tell apart
	}
	if w.foreign && len(rest) > 0 {
		if e, ok := descend(w.parts, rest); ok {
			return e, true
		}
		if found := deep(w.parts, rest[len(rest)-1]); len(found) == 1 {
			return found[0], true
		}
	}
	// The attribute has another name there: it is what the mapping reads.
	var read []element
	for _, name := range l.reads(w.n) {
		if slices.Contains(rest, name) {
			return element{}, false // it has the name that was looked for: nobody wrote it
		}
		read = append(read, named(w.parts, name)...)
	}
	if len(read) != 1 {
		return element{}, false
	}
	if len(rest) > 0 {
		if found := deep(read[0].parts, rest[len(rest)-1]); len(found) == 1 {
			return found[0], true
		}
	}
	return read[0], true
}

// one returns the element of a list of blocks that the finding is about.
func (l *lookup) one(w *written, found []element) (element, bool) {
	switch len(found) {
	case 0:
		return element{}, false
	case 1:
		return found[0], true
	}
	if l.index < 0 && !slices.ContainsFunc(found, element.computed) {
		texts := make([][]string, len(found))
		for i, e := range found {
			texts[i] = e.words()
		}
		if fit := pickByKey(l.key, texts, nil); len(fit) == 1 {
			return found[fit[0]], true
		}
	}
	return l.among(w, found)
}

// reads returns the arguments of the node from which the mapping makes the attribute,
// without what says whose satellite the node is.
func (l *lookup) reads(n *node) []string {
	l.c.reads = nil
	switch get := l.d.attributes[l.steps[0]]; {
	case l.steps[0] == "tags":
		tagTree(&l.d.mapping, l.n)
	case get != nil:
		get(l.n)
	}
	l.c.err = nil
	var out []string
	for _, r := range l.c.reads {
		if r.n == n {
			out = append(out, r.attribute)
		}
	}
	out = slices.DeleteFunc(out, func(a string) bool {
		return slices.ContainsFunc(l.d.satellites, func(s satellite) bool { return s.typ == n.typ && s.ref == a })
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// read is an argument that a mapping looked at.
type read struct {
	n         *node
	attribute string
}
