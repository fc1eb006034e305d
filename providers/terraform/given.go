package terraform

import (
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
)

// given reports whether an attribute that is known only after the apply is certainly set
// by then: its expression refers to one thing, and that leads, through modules and local
// values, to what a provider gives every resource that it makes, such as its ARN. A
// conditional over something that is known would have been decided in the plan, and one
// over something that is not would refer to that as well.
//
// A plan has the references of an expression and not the expression: lookup({}, x.id, null)
// refers to nothing but an id. The sources have it (see setWith); without them the single
// reference is believed, which docs/verdicts.md says.
func (n *node) given(attribute string) bool {
	if n == nil || n.of != nil || n.within != nil || n.c.p.view == viewBefore {
		return false
	}
	block := n.block()
	if block == nil {
		return false
	}
	f := frame{calls: n.moduleX, module: n.c.ix.root.find(n.moduleX), repeat: block.repeat, counted: block.counted, key: n.index}
	refs := references(member(n.c.text(block), attribute), nil)
	return n.c.givenBy(f, f.module, n.typ+"."+n.name, attribute, refs, 0)
}

// givenBy is given for an argument of a block of a module, with its references in the plan.
func (c *collector) givenBy(f frame, m *module, block, argument string, refs []string, hops int) bool {
	sources := c.p.sources
	return sources.shape(m, block, argument) != unsure && c.given(f, sources.refine(m, block, argument, refs), hops)
}

// maxHops bounds how many modules and local values lie between an attribute and the
// resource that it refers to.
const maxHops = 32

// given follows the only reference of an expression. One that names the same thing twice
// compares it, or chooses by it.
func (c *collector) given(f frame, refs []string, hops int) bool {
	if len(refs) != 1 || hops == maxHops {
		return false
	}
	steps := parseSteps(refs[0])
	if len(steps) < 2 {
		return false
	}
	switch steps[0].name {
	case "each", "count", "path", "terraform", "self":
		return false
	case "var":
		if len(f.calls) == 0 || f.module == nil || f.module.call == nil || len(steps) > 2 {
			return false
		}
		refs := references(member(c.text(&f.module.call.configBlock), steps[1].name), nil)
		return c.givenBy(c.outer(f), f.module.parent, "module."+f.module.name, steps[1].name, refs, hops+1)
	case "local":
		if f.module == nil || len(steps) > 2 {
			return false
		}
		refs, ok := c.p.sources.local(f.module, steps[1].name)
		return ok && c.p.sources.localShape(f.module, steps[1].name) == sure && c.given(f, refs, hops+1)
	case "module":
		if f.module == nil || len(steps) != 3 || f.module.calls[steps[1].name] == nil {
			return false
		}
		call := f.module.calls[steps[1].name]
		key := steps[1].key
		if key == nil && call.repeat != nil {
			key = anyKey{}
		}
		inner := frame{calls: append(slices.Clone(f.calls), step{name: steps[1].name, key: key}), module: call.module, repeat: call.repeat, key: key}
		refs, ok := call.module.outputs[steps[2].name]
		return ok && c.givenBy(inner, call.module, "output."+steps[2].name, "value", refs, hops+1)
	case "data":
		return len(steps) == 4 && c.gives("data."+steps[1].name, steps[2], steps[3], f.calls)
	}
	return len(steps) == 3 && c.gives(steps[0].name, steps[1], steps[2], f.calls)
}

// gives reports whether the plan has the resource and its provider always gives the
// attribute a value.
func (c *collector) gives(typ string, at, attribute step, calls []step) bool {
	if attribute.key != nil || !slices.Contains(alwaysGiven(), attribute.name) {
		return false
	}
	g := c.instances(typ, at.name, calls)
	if _, open := at.key.(anyKey); at.key == nil || open {
		return len(g.list) > 0
	}
	return len(g.byKey[at.key]) > 0
}

// alwaysGiven are attributes that are never null of a resource that exists, whatever its
// type: Terraform itself asks for the id, and clouds know a resource by the others.
func alwaysGiven() []string { return []string{"arn", "id", "key_id", "name", "self_link"} }

// givenOr returns the unknown value of an attribute, with the reason that says that it is
// certainly not null where that is so.
func (n *node) givenOr(attribute string, s *schema, v any) any {
	if v == (unknown{deferred}) && s.allows("string") && s.allows("null") && n.given(attribute) {
		return unknown{providers.Given}
	}
	return v
}
