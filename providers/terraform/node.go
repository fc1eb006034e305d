package terraform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// node is one resource of the plan as a mapping sees it: its state after the
// apply, or in the view of before that one, as if nothing were going to change.
// Nothing of it is decoded before a mapping asks. A nil node is a resource that is
// not there: it has nothing.
type node struct {
	c       *collector
	entry   int
	address string
	module  string // module instance, "" for the root
	typ     string // Terraform type, data sources with the prefix "data."
	name    string
	index   any    // count or for_each key, nil without
	action  string // what happens to it; "no-op" in the view of before
	planned string // what the plan does with it, in every view

	after, unknownMask, sensitiveMask fields

	folded  map[string][]*node // satellites by type
	gone    map[string][]*node // satellites that the plan takes away from it, likewise
	moduleX []step             // module, parsed

	// within is the resource in which the node is a block, and path where in it. Its
	// attributes are those of the block.
	within *node
	path   []any

	// of is the satellite that the node stands in for when the resource itself is
	// not in the plan: nothing is known of it but what its satellites configure.
	of     *node
	called string // the name by which a stand-in's satellites refer to it
}

// newNode takes the text of a resource change, which has to stay as it is.
func newNode(c *collector, i int, b []byte) *node { return nodeIn(c.p.view, c, i, b) }

// nodeIn makes the node as it is in the view. A resource that is not there after the
// apply shows its state before.
func nodeIn(v view, c *collector, i int, b []byte) *node {
	h, e := c.header(i, b), c.ix.entries[i]
	n := &node{
		c: c, entry: i, address: c.p.prefix + h.address, module: h.module, typ: c.ix.types[e.typ], name: h.name, index: h.index,
		action: h.action(), after: fields{text: h.after}, unknownMask: fields{text: h.unknownMask}, sensitiveMask: fields{text: h.sensitiveMask}, moduleX: parseModule(h.module),
	}
	if n.planned = n.action; c.ix.what == "state" {
		n.planned = "" // nothing is planned
	}
	if v == viewBefore || e.flags&flagGone != 0 {
		// A value that is marked sensitive from now on was a secret before.
		n.after, n.unknownMask, n.sensitiveMask = fields{text: h.before}, fields{}, fields{text: either(h.sensitiveBefore, h.sensitiveMask)}
	}
	if v == viewBefore || e.flags&flagForgotten != 0 {
		n.action = "no-op"
	}
	return n
}

// altered reports whether the plan changes the resource or, for one that stands in for
// others, one of these.
func (n *node) altered() bool {
	switch {
	case n.within != nil:
		return n.within.altered()
	case n.of != nil:
		for _, satellites := range n.folded {
			if slices.ContainsFunc(satellites, (*node).altered) {
				return true
			}
		}
		return false
	}
	return !n.c.ix.entries[n.entry].steady()
}

// existed reports whether the resource is there before the apply or, for one that
// stands in for others, one of these.
func (n *node) existed() bool {
	switch {
	case n.within != nil:
		return n.within.existed()
	case n.of != nil:
		for _, satellites := range n.folded {
			if slices.ContainsFunc(satellites, (*node).existed) {
				return true
			}
		}
		return false
	}
	return n.c.ix.entries[n.entry].exists(viewBefore)
}

// steadyEntry returns the entry of the resource, or of the one that it is a block of,
// if the plan leaves that alone, and -1 otherwise.
func (n *node) steadyEntry() int {
	if n.within != nil {
		return n.within.steadyEntry()
	}
	if n.entry >= 0 && n.c.ix.entries[n.entry].steady() {
		return n.entry
	}
	return -1
}

// before returns the resource as it is before the apply.
func (n *node) before() *node { return nodeIn(viewBefore, n.c, n.entry, n.c.read(nil, n.entry)) }

// at returns the value at the path below the resource: n.at("policy"),
// n.at("versioning_configuration", 0, "status"). It is nil where there is nothing
// and an unknown where the plan does not tell.
func (n *node) at(attribute string, path ...any) any {
	if n == nil {
		return nil
	}
	if n.c.tracing {
		n.c.reads = append(n.c.reads, read{n, attribute})
	}
	if n.sensitiveMask.isTrue() {
		return unknown{sensitive}
	}
	if n.unknownMask.isTrue() {
		return unknown{deferred}
	}
	v := decode(n.after.member(attribute), n.unknownMask.member(attribute), n.sensitiveMask.member(attribute))
	return at(v, path...)
}

// has reports whether the resource has the attribute at all, known or not.
func (n *node) has(attribute string) bool {
	return n != nil && n.of != nil || n != nil && (n.after.member(attribute) != nil || n.unknownMask.member(attribute) != nil)
}

// configured reports whether the configuration sets the attribute, block or part
// of a block, as opposed to leaving it to the provider:
// n.configured("versioning_configuration", 0, "mfa_delete"). It tells what is
// unknown because something in it is from what nobody wrote. When the plan has no
// configuration for the resource, it might be set.
func (n *node) configured(attribute string, path ...any) bool {
	if n == nil {
		return false
	}
	if n.within != nil {
		whole := append(append(slices.Clone(n.path), attribute), path...)
		return n.within.configured(whole[0].(string), whole[1:]...)
	}
	block := n.block()
	if block == nil || n.of != nil {
		return true
	}
	e := member(n.c.text(block), attribute)
	for _, step := range path {
		if member(e, "references") != nil {
			return true // dynamic: it may set anything below
		}
		switch step := step.(type) {
		case string:
			e = member(e, step)
		case int:
			e = nth(list(e), step)
		}
	}
	return e != nil
}

// constant returns the value that the configuration writes for the attribute as it
// stands, nil where it computes one.
func (n *node) constant(attribute string) any {
	block := n.block()
	if block == nil || n.of != nil || n.within != nil || isTrue(n.sensitiveMask.member(attribute)) {
		return nil
	}
	return decode(member(member(n.c.text(block), attribute), "constant_value"), nil, nil)
}

// isNew reports whether the plan makes the resource, so that nothing is left of an
// earlier one.
func (n *node) isNew() bool { return n != nil && (n.action == "create" || n.action == "replace") }

// beside returns the resources of the Terraform type in the plan that have the same
// provider configuration: the account-wide settings of the resource's account.
func (n *node) beside(typ string) []*node {
	if n == nil {
		return nil
	}
	n.c.touched = n.c.touched || n.c.ix.altered[typ]
	all, ok := n.c.settings[typ]
	if !ok {
		for _, i := range n.c.ix.byType[typ] {
			if n.c.ix.entries[i].exists(n.c.p.view) {
				all = append(all, n.c.load(i))
			}
		}
		n.c.settings[typ] = all
	}
	var out []*node
	for _, o := range all {
		if a, b := n.block(), o.block(); a == nil || b == nil || a.provider == b.provider {
			out = append(out, o)
		}
	}
	return out
}

// manyAccounts reports whether the file holds resources of several AWS accounts and does
// not tell which one a resource is of: a state, unlike a plan, names no provider blocks.
func (n *node) manyAccounts() bool { return len(n.c.ix.accounts) > 1 }

// all returns the satellites of the Terraform type that are folded into the resource.
func (n *node) all(typ string) []*node {
	if n == nil {
		return nil
	}
	return n.folded[typ]
}

// only returns the satellite of the type, nil when there is none.
func (n *node) only(typ string) *node {
	if s := n.all(typ); len(s) > 0 {
		return s[0]
	}
	return nil
}

// removed reports whether the plan takes a satellite of the type away from the
// resource, so that attributes read back from the live resource still show it.
func (n *node) removed(typ string) bool { return n != nil && len(n.gone[typ]) > 0 }

// inline returns an attribute of the resource itself that satellites of the given
// types configure as well. Providers keep such attributes for old configurations
// and read them back from the live resource, so they show what the plan is about
// to take away, and on a new resource they are unknown though nobody wrote them:
// both are null.
func (n *node) inline(attribute string, satellites ...string) any {
	if slices.ContainsFunc(satellites, n.removed) {
		return nil
	}
	v := n.at(attribute)
	if isUnknown(v) && !n.configured(attribute) {
		return nil
	}
	return v
}

// provider returns an argument of the resource's provider block: n.provider("region").
// It is nil when it is not set there and unknown when the plan does not tell its value.
func (n *node) provider(argument string, path ...any) any {
	if n == nil {
		return nil
	}
	return n.c.providerArgument(n, argument, path)
}

// refs returns the resources of the plan that the attribute of the resource's
// configuration refers to. The answer is exact when exactly these are meant;
// otherwise some of them, or others, may be. It serves joins before ids exist:
// the value itself is then still unknown.
func (n *node) refs(attribute string) (to []*node, exact bool) {
	if n == nil {
		return nil, true
	}
	if n.of != nil || n.within != nil {
		return nil, false
	}
	t := n.c.resolve(n, attribute, anyResource{})
	for _, i := range t.entries() {
		if e := n.c.ix.entries[i]; e.judged(n.c.p.view) {
			to = append(to, n.c.load(i))
		}
	}
	return to, !t.open && !t.vague && n.c.err == nil
}

// block returns the resource's block in the configuration, nil when there is none.
func (n *node) block() *configBlock {
	if n.of != nil {
		return n.of.block()
	}
	if n.within != nil {
		return n.within.block()
	}
	if m := n.c.ix.root.find(n.moduleX); m != nil {
		return m.resources[n.typ+"."+n.name]
	}
	return nil
}

// outside reports whether the node stands in for a resource that is not in the
// plan: beside what its satellites say, everything about it is unknown, such as
// further elements of the lists that they add to.
func (n *node) outside() bool { return n != nil && n.of != nil }

// providerKey names the node's provider configuration, "" when it cannot be told.
func (n *node) providerKey() string {
	if b := n.block(); b != nil && n.c.ix.providers[b.provider] != nil {
		return b.provider
	}
	return ""
}

// inner returns the node of a block within the resource: the element of the list at
// the attribute. What identifies it follows the resource's address.
func (n *node) inner(attribute string, i int, id string) *node {
	element := func(f *fields) fields {
		m := f.member(attribute)
		if f.isTrue() || isTrue(m) {
			return allTrue()
		}
		return fields{text: nth(list(m), i)}
	}
	return &node{
		c: n.c, entry: -1, address: n.address + "/" + id, module: n.module, moduleX: n.moduleX, typ: n.typ, name: n.title() + "/" + id,
		action: n.action, planned: n.planned, after: element(&n.after), unknownMask: element(&n.unknownMask), sensitiveMask: element(&n.sensitiveMask),
		within: n, path: []any{attribute, i},
	}
}

func (n *node) source() *providers.Source {
	s := &providers.Source{Address: strings.TrimPrefix(n.address, n.c.p.prefix), Module: n.module, Action: n.planned}
	if n.of != nil {
		n = n.of
	}
	if n.within != nil {
		n = n.within
		s.Address = strings.TrimPrefix(n.address, n.c.p.prefix)
	}
	n.c.p.sources.locate(n, s)
	return s
}

// title is what people call the resource when it has no name of its own yet.
func (n *node) title() string {
	if n.index == nil {
		return n.name
	}
	return fmt.Sprintf("%s[%v]", n.name, n.index)
}

// cloud is the first part of the Terraform type: aws, google, github.
func (n *node) cloud() string {
	cloud, _, _ := strings.Cut(strings.TrimPrefix(n.typ, "data."), "_")
	if cloud == "google" || strings.HasPrefix(cloud, "google-") {
		return "google"
	}
	return cloud
}
