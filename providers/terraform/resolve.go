package terraform

import (
	"maps"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// targets is what following references led to.
type targets struct {
	c     *collector
	found map[int]bool // indices of entries
	open  bool         // anything may be meant
	vague bool         // not all of found, or something else, may be meant
	steps int          // references followed, to end a loop
	// shared is what may be meant beside found. It is kept apart because many
	// references share it, and it can be most of the plan.
	shared []*targets
}

func (t *targets) entries() []int {
	out := make([]int, 0, len(t.found))
	for i := range t.found {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}

// exact returns the one entry that is certainly meant.
func (t *targets) exact() (int, bool) {
	if t.open || t.vague || len(t.found) != 1 {
		return 0, false
	}
	return t.entries()[0], true
}

// goal says which resources a search ends at.
type goal interface {
	// ends reports whether a resource of the type is looked for, and whether the
	// attribute ("" when it is not known which) stands for it.
	ends(typ, attribute string) (is, sure bool)
	// through returns the attributes of the type that carry what is looked for when
	// attribute is asked of it; false when it cannot be told.
	through(typ, attribute string) (string, bool)
}

// anyResource ends at the first resource of the plan.
type anyResource struct{}

func (anyResource) ends(string, string) (is, sure bool)   { return true, true }
func (anyResource) through(string, string) (string, bool) { return "", false }

// frame is where references are written: a block of an instance of a module.
type frame struct {
	calls  []step  // module instance; keys may be anyKey
	module *module // nil when the configuration has none
	repeat []string
	key    any // of the block's own instance
	// siblings is how many instances the block has; 0 unknown.
	siblings int
	counted  bool
}

// resolve follows the references of a resource's attribute.
func (c *collector) resolve(n *node, attribute string, g goal) *targets {
	t := &targets{c: c, found: map[int]bool{}}
	block := n.block()
	if block == nil {
		t.open = true
		return t
	}
	f := frame{calls: n.moduleX, module: c.ix.root.find(n.moduleX), repeat: block.repeat, counted: block.counted, key: n.index}
	if block.counted {
		f.siblings = len(c.instances(n.typ, n.name, n.moduleX).list)
	}
	refs := references(member(c.text(block), attribute), nil)
	t.follow(f, c.p.sources.refine(f.module, n.typ+"."+n.name, attribute, refs), g)
	return t
}

// maxSteps bounds a search; a configuration's references cannot form a loop, a
// damaged plan's can.
const maxSteps = 10_000

func (t *targets) follow(f frame, refs []string, g goal) {
	if t.steps++; t.steps > maxSteps {
		t.open = true
		return
	}
	var pair any // the key that indexes the other references, when it is the block's own
	if slices.Contains(refs, "each.key") || slices.Contains(refs, "count.index") {
		pair = f.key
	}
	for _, ref := range refs {
		t.one(f, ref, pair, g)
	}
}

func (t *targets) one(f frame, ref string, pair any, g goal) {
	t.walk(f, parseSteps(ref), pair, g)
}

func (t *targets) walk(f frame, steps []step, pair any, g goal) {
	if len(steps) == 0 {
		t.open = true // not a reference that Terraform writes
		return
	}
	for i := range steps {
		if _, ok := steps[i].key.(selfKey); ok {
			if steps[i].key = f.key; f.key == nil {
				steps[i].key = anyKey{}
			}
		}
	}
	switch steps[0].name {
	case "each":
		// each.value is an element of for_each: with for_each = aws_s3_bucket.all
		// it is the instance with the same key.
		if len(steps) > 1 && steps[1].name == "value" {
			t.element(f, steps[2:], g)
		}
	case "count", "path", "terraform", "self":
	case "var":
		t.variable(f, steps, g)
	case "local":
		t.local(f, steps, g)
	case "module":
		t.output(f, steps, pair, g)
	case "data":
		if len(steps) < 3 {
			t.open = true
			return
		}
		typ := "data." + steps[1].name
		if _, all := g.(anyResource); all {
			t.resource(f, typ, steps[2], attributeOf(steps[3:]), pair, g)
		} else if t.c.findsLater(typ, steps[2].name, f.calls) {
			t.open = true
		}
	default:
		if len(steps) < 2 {
			t.open = true
			return
		}
		t.resource(f, steps[0].name, steps[1], attributeOf(steps[2:]), pair, g)
	}
}

// element follows for_each to what each.value is in the instance.
func (t *targets) element(f frame, rest []step, g goal) {
	inner := f
	inner.repeat = nil
	for _, r := range f.repeat {
		over := parseSteps(r)
		if len(over) == 2 && over[0].name != "var" && over[0].name != "local" {
			over = append(over, rest...) // all of a resource or module: the element is its instance
		}
		t.walk(inner, over, f.key, g)
	}
}

func attributeOf(steps []step) string {
	if len(steps) == 0 {
		return ""
	}
	return steps[0].name
}

// variable follows an input variable to the module call that sets it. Those of
// the root are known, so nothing unknown comes from them.
func (t *targets) variable(f frame, steps []step, g goal) {
	if len(f.calls) == 0 {
		return
	}
	if len(steps) < 2 || f.module == nil || f.module.call == nil {
		t.open = true
		return
	}
	refs := references(member(t.c.text(&f.module.call.configBlock), steps[1].name), nil)
	t.follow(t.c.outer(f), t.c.p.sources.refine(f.module.parent, "module."+f.module.name, steps[1].name, refs), g)
}

// outer is the frame of the module call that made the frame's module.
func (c *collector) outer(f frame) frame {
	last := len(f.calls) - 1
	out := frame{calls: f.calls[:last], module: f.module.parent, key: f.calls[last].key}
	if f.module.call != nil {
		out.repeat, out.counted = f.module.call.repeat, f.module.call.counted
	}
	return out
}

// local follows a local value where the sources say what it is. Without them it
// may be anything that its module can see: the module's own resources, what is
// passed to the module and what the modules it calls give back.
func (t *targets) local(f frame, steps []step, g goal) {
	if len(steps) < 2 || f.module == nil {
		t.open = true
		return
	}
	if refs, ok := t.c.p.sources.local(f.module, steps[1].name); ok {
		t.follow(f, refs, g)
		return
	}
	t.vague = true
	p, ok := g.(parentGoal)
	if !ok {
		t.open = true // for any goal this would be most of the plan
		return
	}
	key := scopeKey{f.module, instancePath(f.calls), p.m.typ}
	t.c.touched = t.c.touched || len(t.c.ix.altered) > 0
	seen, ok := t.c.visible[key]
	if !ok {
		seen = &targets{c: t.c, found: map[int]bool{}}
		t.c.visible[key] = seen // also what a damaged plan's loop comes back to
		seen.visible(f, g)
	}
	t.shared = append(t.shared, seen)
	t.open = t.open || seen.open
}

// scopeKey is what everything visible in an instance of a module is kept under.
type scopeKey struct {
	module *module
	calls  string
	typ    providers.Type
}

// visible adds everything that an expression in the module can refer to.
func (t *targets) visible(f frame, g goal) {
	if t.steps++; t.steps > maxSteps {
		t.open = true
		return
	}
	for typ, names := range f.module.byType {
		is, _ := g.ends(typ, "")
		for _, name := range names {
			if is {
				t.add(typ, step{name: name, key: anyKey{}}, f.calls)
			} else if strings.HasPrefix(typ, "data.") && t.c.findsLater(typ, name, f.calls) {
				t.open = true
			}
		}
	}
	for name, call := range f.module.calls {
		inner := frame{calls: append(slices.Clone(f.calls), step{name: name, key: anyKey{}}), module: call.module, key: anyKey{}}
		for _, refs := range call.module.outputs {
			t.follow(inner, refs, g)
		}
	}
	if f.module.call != nil {
		t.follow(t.c.outer(f), references(t.c.text(&f.module.call.configBlock), nil), g)
	}
}

// findsLater reports whether a data source is read only during the apply: it may
// then find any resource. One that was read for the plan has known values.
func (c *collector) findsLater(typ, name string, calls []step) bool {
	switch typ {
	case policyDocument, "data.aws_caller_identity", "data.aws_partition", "data.aws_region":
		return false // these never give what another resource is called by
	}
	return len(c.ix.byType[typ]) > 0 && len(c.instances(typ, name, calls).list) > 0
}

// output follows a module's output.
func (t *targets) output(f frame, steps []step, pair any, g goal) {
	if f.module == nil || len(steps) < 2 || f.module.calls[steps[1].name] == nil {
		t.open = true
		return
	}
	call := f.module.calls[steps[1].name]
	inner := frame{module: call.module, repeat: call.repeat}
	into := func(key any) {
		inner.calls, inner.key = append(slices.Clone(f.calls), step{name: steps[1].name, key: key}), key
		if len(steps) > 2 {
			if refs, ok := call.module.outputs[steps[2].name]; ok {
				t.follow(inner, t.c.p.sources.refine(call.module, "output."+steps[2].name, "value", refs), g)
				return
			}
		}
		// Which output is meant is not told: it is one that leads to what is looked for.
		for _, refs := range call.module.outputs {
			alternative := &targets{c: t.c, found: map[int]bool{}, steps: t.steps}
			alternative.follow(inner, refs, g)
			t.steps = alternative.steps
			if t.open = t.open || alternative.open; len(alternative.found)+len(alternative.shared) == 0 {
				continue
			}
			t.shared = append(t.shared, alternative.shared...)
			maps.Copy(t.found, alternative.found)
			t.vague = t.vague || alternative.vague
		}
		t.vague = t.vague || len(t.found) > 1
	}
	if steps[1].key != nil {
		into(steps[1].key)
		return
	}
	if pair != nil && !call.counted {
		// The other reference is each.key: the instance with the same key is meant,
		// if there is one.
		before := len(t.found)
		if into(pair); len(t.found) > before || t.open {
			return
		}
	}
	into(anyKey{})
}

// resource arrives at a resource: it is the goal, or it passes on what it was given.
func (t *targets) resource(f frame, typ string, at step, attribute string, pair any, g goal) {
	if is, sure := g.ends(typ, attribute); is {
		// What the provider computes of a resource stands for it; an argument may have
		// come from anywhere.
		if !sure && (f.module == nil || f.module.resources[typ+"."+at.name] == nil || member(t.c.text(f.module.resources[typ+"."+at.name]), attribute) != nil) {
			t.vague = true
		}
		t.pick(f, typ, at, pair)
		return
	}
	if f.module == nil || f.module.resources[typ+"."+at.name] == nil {
		t.open = true
		return
	}
	block := f.module.resources[typ+"."+at.name]
	key := at.key
	if key == nil {
		if key = pair; key == nil && block.repeat != nil {
			key = anyKey{}
		}
	}
	inner := frame{calls: f.calls, module: f.module, repeat: block.repeat, counted: block.counted, key: key}
	exprs := t.c.text(block)
	if through, ok := g.through(typ, attribute); ok {
		refs := references(member(exprs, through), nil)
		t.follow(inner, t.c.p.sources.refine(f.module, typ+"."+at.name, through, refs), g)
		return
	}
	// The provider makes the value from the resource's arguments: it may be what
	// one of them refers to, or something of the provider's own.
	t.vague = true
	if e := member(exprs, attribute); attribute != "" && e != nil {
		t.follow(inner, references(e, nil), g)
		return
	}
	t.follow(inner, references(exprs, nil), g)
}

// pick adds the instances of a resource that a reference from the frame means.
func (t *targets) pick(f frame, typ string, at step, pair any) {
	if at.key != nil || pair == nil {
		t.add(typ, at, f.calls)
		return
	}
	// The other reference of the expression is each.key or count.index: the
	// instance with the same key is meant, when that fits all of them.
	candidates := t.c.instances(typ, at.name, f.calls)
	if len(candidates.list) == 1 && candidates.list[0].key == nil {
		t.found[candidates.list[0].entry] = true
		return
	}
	if _, open := pair.(anyKey); open || len(candidates.byKey[pair]) == 0 || f.counted && f.siblings != len(candidates.list) {
		t.add(typ, at, f.calls)
		return
	}
	t.add(typ, step{name: at.name, key: pair}, f.calls)
}

// add adds every instance that fits; more than one leaves open which is meant.
func (t *targets) add(typ string, at step, calls []step) {
	g := t.c.instances(typ, at.name, calls)
	which := g.list
	if _, open := at.key.(anyKey); at.key != nil && !open {
		which = nil
		for _, i := range g.byKey[at.key] {
			which = append(which, g.list[i])
		}
	}
	for _, p := range which {
		t.found[p.entry] = true
	}
	t.vague = t.vague || len(which) > 1
}
