package engine

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/providers"
)

// slot is what stands at a path below input, read when it is first asked for.
type slot struct {
	done bool
	open bool      // something unknown is in it, or what is taken for it
	term *ast.Term // nil is undefined
	// plain is the value without anything unknown in it, where something is: it stays
	// when another value is tried for that.
	plain *ast.Term

	identified bool
	masked     bool   // something unknown is in it, and so in its identity
	id         uint32 // see identity
}

// errDoubt ends an evaluation that needs something unknown.
var errDoubt = errors.New("the verdict may depend on something unknown")

type load struct {
	in     input
	target int
}

func (s *load) run(m *machine, f []*ast.Term) signal {
	sl := m.slot(s.in)
	if !sl.done {
		if err := m.fill(s.in, sl); err != nil {
			return m.fail(err)
		}
	}
	f[s.target] = sl.term
	if sl.term == nil {
		return undef
	}
	return next
}

// fill reads what stands at a path, unless the machine has met the same before.
func (m *machine) fill(in input, sl *slot) error {
	id := m.identity(in, sl)
	if id != 0 {
		if t := m.values[in.slot].terms[id-1]; t != nil {
			sl.done, sl.term, sl.open = true, t, sl.masked
			return nil
		}
	}
	t, err := m.read(in.path, sl)
	if err != nil {
		return err
	}
	sl.done, sl.term, sl.open = true, t, m.meets(in.path)
	if id != 0 {
		m.values[in.slot].terms[id-1] = t
	}
	return nil
}

// slot returns that of an input.
func (m *machine) slot(in input) *slot {
	if n := in.slot + 1 - len(m.slots); n > 0 {
		m.slots = append(m.slots, make([]slot, n)...)
		m.values = append(m.values, make([]*values, n)...)
	}
	return &m.slots[in.slot]
}

// present asks whether there is a value at a path.
type present struct{ in input }

func (s *present) run(m *machine, _ []*ast.Term) signal {
	if sl := m.slot(s.in); sl.done {
		return holds(sl.term != nil)
	}
	if m.veiled || s.in.path[0] != "resource" {
		return (&load{s.in, 0}).run(m, make([]*ast.Term, 1))
	}
	_, ok := lookupField(m.res, s.in.path[1:])
	return holds(ok)
}

// isUnknown reports whether a term stands for something unknown, and doubtful whether
// it does or holds such a term.
func isUnknown(t *ast.Term) bool {
	_, ok := t.Value.(ast.Var)
	return ok
}

func (m *machine) doubtful(t *ast.Term) bool { return m.veiled && !t.IsGround() }

// read returns the value at a path below input; nil is undefined.
func (m *machine) read(path []string, sl *slot) (*ast.Term, error) {
	var within [][]string // unknown paths below this one
	for _, u := range m.unknown {
		if hasPrefix(path, u.path) {
			return m.taken(path[len(u.path):])
		}
		if hasPrefix(u.path, path) {
			within = append(within, u.path[len(path):])
		}
	}
	if path[0] == "related" {
		if len(path) == 1 {
			items := [][2]*ast.Term{}
			for _, t := range slices.Sorted(maps.Keys(m.ev.joins)) {
				items = append(items, ast.Item(ast.StringTerm(string(t)), m.rel.veiled(t, m.ev.joins[t])))
			}
			return ast.ObjectTerm(items...), nil
		}
		t := providers.Type(path[1])
		return m.rel.veiled(t, m.ev.joins[t]), nil
	}
	t := sl.plain
	if t == nil {
		v, ok := lookupField(m.res, path[1:])
		if !ok {
			return nil, nil
		}
		if m, ok := v.(map[string]string); ok && len(within) == 0 {
			return textObject(m), nil
		}
		val, err := ast.InterfaceToValue(v)
		if err != nil {
			return nil, err
		}
		t = ast.NewTerm(val)
	}
	if len(within) > 0 {
		sl.plain = t
	}
	for _, w := range within {
		if t = veil(t, w, cmp.Or(m.witness, unknownTerm())); t == nil {
			return nil, errDoubt
		}
	}
	return t, nil
}

// meets reports whether something unknown is at a path, above it or below.
func (m *machine) meets(path []string) bool {
	return slices.ContainsFunc(m.unknown, func(u unknownPath) bool { return hasPrefix(path, u.path) || hasPrefix(u.path, path) })
}

// retake begins again on the same resource with another value for what is unknown.
func (m *machine) retake(witness *ast.Term) {
	for i := range m.slots {
		if m.slots[i].open {
			m.slots[i] = slot{plain: m.slots[i].plain}
		}
	}
	m.forget()
	m.witness = witness
}

// taken returns what is at a path in the value that is taken for something unknown.
func (m *machine) taken(path []string) (*ast.Term, error) {
	if m.witness == nil {
		return nil, errDoubt
	}
	t := m.witness
	for _, step := range path {
		if t = field(t, step); t == nil {
			return nil, nil
		}
	}
	return t, nil
}

func unknownTerm() *ast.Term { return ast.VarTerm("unknown") }

// veil returns the value with another one at the path in it; nil when the path leads
// nowhere.
func veil(t *ast.Term, path []string, with *ast.Term) *ast.Term {
	if len(path) == 0 {
		return with
	}
	switch v := t.Value.(type) {
	case ast.Object:
		items := make([][2]*ast.Term, 0, v.Len())
		found := false
		v.Foreach(func(k, e *ast.Term) {
			if s, ok := k.Value.(ast.String); ok && string(s) == path[0] {
				found = true
				e = veil(e, path[1:], with)
			}
			items = append(items, [2]*ast.Term{k, e})
		})
		if slices.ContainsFunc(items, func(kv [2]*ast.Term) bool { return kv[1] == nil }) {
			return nil
		}
		if !found {
			items = append(items, ast.Item(ast.StringTerm(path[0]), with))
		}
		return ast.ObjectTerm(items...)
	case *ast.Array:
		n, err := strconv.Atoi(path[0])
		if err != nil || n < 0 || n >= v.Len() {
			return nil
		}
		items := make([]*ast.Term, 0, v.Len())
		v.Foreach(func(e *ast.Term) { items = append(items, e) })
		if items[n] = veil(items[n], path[1:], with); items[n] == nil {
			return nil
		}
		return ast.ArrayTerm(items...)
	}
	return nil
}

func textObject(m map[string]string) *ast.Term {
	items := make([][2]*ast.Term, 0, len(m))
	for k, v := range m {
		items = append(items, ast.Item(ast.StringTerm(k), ast.StringTerm(v)))
	}
	return ast.ObjectTerm(items...)
}

// lookupField returns what policies see at a path below input.resource, as
// evaluator.input shows it.
func lookupField(r subject, path []string) (any, bool) {
	if len(path) == 0 {
		return document(r), true
	}
	rest := path[1:]
	switch path[0] {
	case "attributes":
		var v any = map[string]any{}
		if r.Attributes != nil {
			v = r.Attributes
		}
		return descend(v, rest)
	case "tags":
		if len(rest) == 0 {
			return r.Tags, true
		}
		v, ok := r.Tags[rest[0]]
		return descend2(v, ok, rest[1:])
	case "tag_keys":
		return descend(tagKeys(r.Resource), rest)
	case inheritedPath:
		return descend(inheritedTags(r), rest)
	case "inherited_from":
		return descend(r.from, rest)
	case "id":
		return descend(r.ID, rest)
	case "type":
		return descend(string(r.Type), rest)
	case "name":
		return descend(r.Name, rest)
	case "region":
		return descend(r.Region, rest)
	case "scope":
		return descend(scopeOf(r.Scope), rest)
	case "created":
		return descend(created(r.Resource), rest)
	default:
		return descend(document(r), path)
	}
}

func descend2(v any, ok bool, path []string) (any, bool) {
	if !ok {
		return nil, false
	}
	return descend(v, path)
}

// descend follows keys down objects.
func descend(v any, path []string) (any, bool) {
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

func created(r providers.Resource) any {
	if r.Created.IsZero() {
		return nil
	}
	return r.Created.UTC().Format(time.RFC3339)
}

func scopeOf(s providers.Scope) map[string]any {
	labels := make(map[string]any, len(s.Labels))
	for k, v := range s.Labels {
		labels[k] = v
	}
	return map[string]any{"provider": s.Provider, "id": s.ID, "name": s.Name, "labels": labels}
}

// inheritedTags is input.resource.inherited_tags.
func inheritedTags(r subject) []any {
	if r.inherited == nil {
		return []any{}
	}
	return r.inherited
}

// document is input.resource.
func document(r subject) map[string]any {
	attributes := r.Attributes
	if attributes == nil {
		attributes = map[string]any{}
	}
	return map[string]any{
		"id": r.ID, "type": string(r.Type), "name": r.Name, "region": r.Region, "created": created(r.Resource),
		"tags": tagsOf(r.Resource), "tag_keys": tagKeys(r.Resource), "attributes": attributes,
		"scope": scopeOf(r.Scope), inheritedPath: inheritedTags(r), "inherited_from": r.from,
	}
}
