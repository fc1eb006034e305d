package terraform

import (
	"fmt"
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
)

// collector reads the plan for one call of Collect. It remembers what several
// resources need: the places of instances and the expressions of blocks.
type collector struct {
	p        *Provider
	ix       *index
	err      error                         // the first error of reading the file
	places   map[string]map[string][]place // by type, then module path and name
	families map[string]*family            // by type, name and module instance
	texts    map[*configBlock][]byte
	// settings are resources that others of the account are judged by, by type.
	settings map[string][]*node
	known    map[string]map[string]bool  // the ids of what there is before or after the apply, by type
	values   map[string]map[string][]int // the entries that have a value in an attribute, by type and attribute
	visible  map[scopeKey]*targets       // what local values may refer to
	// arguments are those of provider blocks.
	arguments map[argumentKey]any
	common    common
	holders   map[providers.Holder]map[string]holder // accounts and projects of the plan, by id
	// touched is set when something was looked at that another view may show otherwise.
	touched bool
	// reads is what mappings looked at, kept while tracing.
	reads   []read
	tracing bool
}

func (p *Provider) collector() *collector {
	return &collector{
		p: p, ix: p.ix, places: map[string]map[string][]place{}, families: map[string]*family{}, texts: map[*configBlock][]byte{},
		settings: map[string][]*node{}, known: map[string]map[string]bool{}, visible: map[scopeKey]*targets{}, arguments: map[argumentKey]any{}, common: common{},
		values: map[string]map[string][]int{}, holders: map[providers.Holder]map[string]holder{},
	}
}

// place is where an instance of a resource is in the plan.
type place struct {
	calls []step
	key   any
	entry int
}

// read returns the text of an entry, in buf where it fits.
func (c *collector) read(buf []byte, i int) []byte {
	e := c.ix.entries[i]
	buf = slices.Grow(buf[:0], int(e.length))[:e.length]
	if _, err := c.p.r.ReadAt(buf, e.offset); err != nil {
		if c.err == nil {
			c.err = fmt.Errorf("read resource change at byte %d of %s: %w", e.offset, c.p.name, err)
		}
		return nil
	}
	return buf
}

// header takes apart the text of an entry.
func (c *collector) header(i int, b []byte) header {
	if c.ix.what == "state" {
		return stateHeader(b, c.ix.modules[c.ix.entries[i].module])
	}
	return parseHeader(b, c.common)
}

// common are strings that many resources have, by how they are written: each is there
// once.
type common map[string]string

// text is the function of that name.
func (c common) text(b []byte) string {
	if s, ok := c[string(b)]; ok {
		return s
	}
	s := text(b)
	if len(c) < maxCommon {
		c[string(b)] = s
	}
	return s
}

// maxCommon bounds the strings kept: there can be many modules.
const maxCommon = 1024

// load returns the node of an entry for keeping.
func (c *collector) load(i int) *node { return newNode(c, i, c.read(nil, i)) }

// ids returns the ids of the resources of the type, as far as they are known, also of
// those that the plan takes away or replaces.
func (c *collector) ids(typ string) map[string]bool {
	if known, ok := c.known[typ]; ok {
		return known
	}
	known := map[string]bool{}
	for _, i := range c.ix.byType[typ] {
		n := c.load(i)
		for _, n := range []*node{n, n.before()} {
			if id, ok := n.at("id").(string); ok {
				known[id] = true
			}
		}
	}
	c.known[typ] = known
	return known
}

// named returns the resource of the type in the view that alone has the value in the
// attribute, nil where there is none.
func (c *collector) named(typ, attribute, value string) *node {
	c.touched = c.touched || c.ix.altered[typ]
	key := typ + "." + attribute
	entries, ok := c.values[key]
	if !ok {
		entries = map[string][]int{}
		for _, i := range c.ix.byType[typ] {
			if !c.ix.entries[i].judged(c.p.view) {
				continue
			}
			if v, ok := c.load(i).at(attribute).(string); ok && v != "" {
				entries[v] = append(entries[v], i)
			}
		}
		c.values[key] = entries
	}
	if len(entries[value]) != 1 {
		return nil
	}
	return c.load(entries[value][0])
}

// text returns the expressions of a block.
func (c *collector) text(b *configBlock) []byte {
	if b.length == 0 {
		return nil
	}
	if t, ok := c.texts[b]; ok {
		return t
	}
	t := make([]byte, b.length)
	if _, err := c.p.r.ReadAt(t, b.offset); err != nil {
		if c.err == nil {
			c.err = fmt.Errorf("read configuration at byte %d of %s: %w", b.offset, c.p.name, err)
		}
		return nil
	}
	if len(c.texts) >= maxTexts {
		clear(c.texts)
	}
	c.texts[b] = t
	return t
}

// maxTexts bounds the expressions kept at a time. Instances of one block follow
// each other in a plan, so a few are enough.
const maxTexts = 4096

// family is the instances of one resource in the module instances that fit.
type family struct {
	list  []place
	byKey map[any][]int // into list, by the instance's key
}

// instances returns the instances of a resource that exist in the view, in the module
// instances that fit.
func (c *collector) instances(typ, name string, calls []step) *family {
	c.touched = c.touched || c.ix.altered[typ]
	key := typ + " " + name + " " + instancePath(calls)
	if g, ok := c.families[key]; ok {
		return g
	}
	g := &family{byKey: map[any][]int{}}
	for _, p := range c.placesOf(typ)[callPath(calls)+"|"+name] {
		if instanceOf(p.calls, calls) {
			g.byKey[p.key] = append(g.byKey[p.key], len(g.list))
			g.list = append(g.list, p)
		}
	}
	c.families[key] = g
	return g
}

// placesOf returns where the instances of a type are, by module path and name.
func (c *collector) placesOf(typ string) map[string][]place {
	byName, ok := c.places[typ]
	if ok {
		return byName
	}
	byName = map[string][]place{}
	var buf []byte
	for _, i := range c.ix.byType[typ] {
		if !c.ix.entries[i].judged(c.p.view) {
			continue
		}
		buf = c.read(buf, i)
		h := c.header(i, buf)
		keepPlace(byName, place{calls: parseModule(h.module), key: h.index, entry: i}, h.name)
	}
	c.places[typ] = byName
	return byName
}

// keepPlace adds a place to those of the resources of a type.
func keepPlace(byName map[string][]place, p place, name string) {
	k := callPath(p.calls) + "|" + name
	byName[k] = append(byName[k], p)
}
