package engine

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Most verdicts that meet something unknown do depend on it, and that is shown at
// once by two values of it with which the verdicts differ. Only what looks the same
// with every value that is tried has to be argued about (partial).

// witnesses are values that are tried for what is unknown.
type witnesses struct {
	values []*ast.Term
	mu     sync.Mutex
	told   map[string]telling // by what is unknown
}

// telling is what was found out with the values.
type telling struct {
	pair [2]*ast.Term // with these the verdicts differed the last time; nil if never
	vain int          // how often all were tried in vain
}

// maxVain bounds how often all values are tried in vain: what makes no difference for
// some resources seldom makes one for the next.
const maxVain = 4

// maxWitnesses bounds how many values are tried for one policy.
const maxWitnesses = 32

// newWitnesses returns values of every type, and the constants of a policy: what is
// compared with one of them is found out by it.
func newWitnesses(code *code, e entry) *witnesses {
	w := &witnesses{
		told: map[string]telling{},
		values: []*ast.Term{
			ast.NullTerm(), ast.InternedTerm(true), ast.InternedTerm(false), ast.StringTerm("metsuke"), ast.ArrayTerm(), ast.ObjectTerm(), ast.InternedTerm(0),
			ast.IntNumberTerm(1 << 40), ast.StringTerm(""), ast.ArrayTerm(ast.StringTerm("metsuke")), ast.StringTerm("*"), ast.StringTerm("2000-01-01T00:00:00Z"),
		},
	}
	seen := map[*function]bool{}
	var walk func(f *function)
	walk = func(f *function) {
		if f == nil || seen[f] {
			return
		}
		seen[f] = true
		if code.make(f) != nil {
			return
		}
		for _, c := range f.constants {
			if len(w.values) < maxWitnesses && !slices.ContainsFunc(w.values, c.Equal) {
				w.values = append(w.values, c)
			}
		}
		for _, c := range f.calls {
			walk(c)
		}
	}
	walk(e.deny)
	walk(e.applicable)
	return w
}

// depends reports whether two values of what is unknown give different verdicts, and
// which. It says nothing when it reports false. The machine, which is at the resource, is left as
// if nothing had been tried.
func (ev *evaluator) depends(m *machine, i int, spots []blind) (pair [2]*ast.Term, yes bool) {
	if slices.ContainsFunc(spots, func(b blind) bool { return b.at[0] != "resource" }) {
		return pair, false // what is joined is not one value
	}
	w := ev.program.witnesses(i)
	var key strings.Builder
	for _, b := range spots {
		key.WriteString(strings.Join(b.why.path, "\x00"))
		if b.why.reason == providers.Given { // other values are possible
			key.WriteByte(2)
		}
		key.WriteByte(1)
	}
	defer m.retake(nil)
	try := func(v *ast.Term) finding.Verdict {
		m.retake(v)
		res, err := m.judge(ev.policies[i].Policy, ev.program.entries[i])
		if err != nil {
			return finding.Unknown
		}
		return res.Verdict
	}
	w.mu.Lock()
	known := w.told[key.String()]
	w.mu.Unlock()
	if known.pair[0] != nil && differ(try(known.pair[0]), try(known.pair[1])) {
		return known.pair, true
	}
	if known.vain >= maxVain {
		return pair, false
	}
	var first *ast.Term
	verdict := finding.Unknown
	for _, v := range slices.Concat(w.values, ev.examples(spots, m.rel)) {
		if !possible(v, spots) {
			continue
		}
		got := try(v)
		if differ(verdict, got) {
			w.mu.Lock()
			defer w.mu.Unlock()
			pair = [2]*ast.Term{first, v}
			w.told[key.String()] = telling{pair: pair}
			return pair, true
		}
		if got != finding.Unknown && first == nil {
			first, verdict = v, got
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	known.vain++
	w.told[key.String()] = known
	return pair, false
}

// possible reports whether a value can be that of everything unknown: what is given is
// text and not empty.
func possible(v *ast.Term, spots []blind) bool {
	text, is := v.Value.(ast.String)
	return is && text != "" || !slices.ContainsFunc(spots, func(b blind) bool { return b.why.reason == providers.Given })
}

// examples returns the examples that the schema of the type has of what is unknown,
// and, where the policies join other resources, values that name one of these.
func (ev *evaluator) examples(spots []blind, rel *Related) []*ast.Term {
	schema, err := ev.session.engine.schemas.schema(ev.typ)
	if err != nil {
		return nil // whoever needs the schema says so
	}
	props, _ := schema["properties"].(map[string]any)
	var out []*ast.Term
	add := func(e any) {
		if v, err := ast.InterfaceToValue(e); err == nil {
			out = append(out, ast.NewTerm(v))
		}
	}
	for _, b := range spots {
		if path := b.why.path; len(path) != 3 || path[1] != "attributes" {
			continue
		}
		attribute, _ := props[b.why.path[2]].(map[string]any)
		for _, s := range append(alternatives(attribute), attribute) {
			list, _ := s["examples"].([]any)
			for _, e := range list {
				add(e)
			}
		}
		for _, t := range slices.Sorted(maps.Keys(ev.joins)) {
			if rel != nil && len(rel.byType[t]) > 0 {
				add(filled(attribute, rel.byType[t][0].ID))
			}
		}
	}
	return out
}

// filled returns a value that a schema allows, with everything that it can have and
// the text wherever text may stand.
func filled(schema map[string]any, text string) any {
	kinds, _ := schema["type"].([]any)
	if kind, ok := schema["type"].(string); ok {
		kinds = []any{kind}
	}
	for _, kind := range kinds {
		switch kind {
		case "string":
			return text
		case "boolean":
			return true
		case "integer", "number":
			return 1
		case "array":
			items, _ := schema["items"].(map[string]any)
			return []any{filled(items, text)}
		case "object":
			props, _ := schema["properties"].(map[string]any)
			out := map[string]any{}
			for name, p := range props {
				sub, _ := p.(map[string]any)
				out[name] = filled(sub, text)
			}
			return out
		}
	}
	if options, _ := schema["anyOf"].([]any); len(options) > 0 {
		first, _ := options[0].(map[string]any)
		return filled(first, text)
	}
	return nil
}

// differ reports whether both are verdicts and not the same.
func differ(a, b finding.Verdict) bool {
	return a != finding.Unknown && b != finding.Unknown && a != b
}
