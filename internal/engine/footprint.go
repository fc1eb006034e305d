package engine

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// footprint is where a policy's rules step in the input document, finer than reads:
// through "some rule in resource.attributes.rules" and rule.port it is
// resource.attributes.rules.*.port. What is unknown beside it cannot matter, and the
// policy is evaluated as if it were not.
type footprint []stride

// stride is one reference into input. A step of its path that is not known before
// evaluation is anyStep.
type stride struct {
	path []string
	// deep says that what is found there is used as a whole. Otherwise it is only
	// given a name, and what lies below it matters where the name is used.
	deep bool
}

const anyStep = "*"

// only returns what is unknown where something steps.
func (f footprint) only(unknown []unknownPath) []unknownPath {
	var out []unknownPath
	for _, u := range unknown {
		if f.meets(u.path) {
			out = append(out, u)
		}
	}
	return out
}

// meets reports whether the path leads to where something steps, or below it or above.
func (f footprint) meets(path []string) bool {
	for _, s := range f {
		if s.meets(path) {
			return true
		}
	}
	return false
}

func (s stride) meets(path []string) bool {
	for i := range min(len(path), len(s.path)) {
		if s.path[i] != anyStep && s.path[i] != path[i] {
			return false
		}
	}
	return s.deep || len(path) <= len(s.path)
}

// footprint returns where the policy steps. Most resources are known in full, and
// most policies never need it.
func (p *compiled) footprint() footprint {
	if p.plan != nil {
		return p.plan.steps
	}
	p.stepsOnce.Do(func() { p.steps = footprintOf(p.own.compiler, p.own.mods[p.File]) })
	return p.steps
}

// footprintOf returns the footprint of all rules of a compiled module. Libraries do not
// read input, and what is handed to their functions is used as a whole.
func footprintOf(c *ast.Compiler, m *ast.Module) footprint {
	var out footprint
	for _, rule := range c.GetRulesWithPrefix(m.Package.Path) {
		for r := rule; r != nil; r = r.Else {
			out = append(out, (&tracer{names: map[ast.Var]named{}}).rule(r)...)
		}
	}
	return out.tidy()
}

// tidy sorts the strides and drops those that meet nothing but what another one meets.
func (f footprint) tidy() footprint {
	slices.SortFunc(f, func(a, b stride) int {
		if c := slices.Compare(a.path, b.path); c != 0 || a.deep == b.deep {
			return c
		}
		if a.deep {
			return -1
		}
		return 1
	})
	var out footprint
	for _, s := range f {
		if !slices.ContainsFunc(out, func(o stride) bool { return o.deep && hasPrefix(s.path, o.path) || slices.Equal(o.path, s.path) }) {
			out = append(out, s)
		}
	}
	return out
}

// named is a variable that stands for a part of input.
type named struct {
	ref ast.Ref   // what it stands for
	in  *ast.Expr // where it is said
}

// tracer follows the variables of one rule.
type tracer struct {
	names map[ast.Var]named
	out   footprint
}

func (t *tracer) rule(r *ast.Rule) footprint {
	// A variable that is said twice to be something is a comparison of the two.
	count := map[ast.Var]int{}
	def := func(e *ast.Expr) (ast.Var, ast.Ref, bool) {
		if e.Negated || len(e.With) > 0 || !e.IsEquality() {
			return "", nil, false
		}
		for _, pair := range [][2]*ast.Term{{e.Operand(0), e.Operand(1)}, {e.Operand(1), e.Operand(0)}} {
			v, isVar := pair[0].Value.(ast.Var)
			ref, isRef := pair[1].Value.(ast.Ref)
			// Only variables that the compiler named occur in one rule alone.
			if isVar && isRef && strings.HasPrefix(string(v), ast.LocalVarPrefix) {
				return v, ref, true
			}
		}
		return "", nil, false
	}
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		if v, ref, ok := def(e); ok {
			count[v]++
			t.names[v] = named{ref: ref, in: e}
		}
		return false
	})
	for v, n := range count {
		if n > 1 {
			delete(t.names, v)
		}
	}
	// What stands for no part of input is no name.
	for changed := true; changed; {
		changed = false
		for v, n := range t.names {
			head, _ := n.ref[0].Value.(ast.Var)
			if _, ok := t.names[head]; !ok && !n.ref[0].Equal(ast.InputRootDocument) {
				delete(t.names, v)
				changed = true
			}
		}
	}
	body := *r
	body.Else = nil
	t.walk(&body)
	return t.out
}

// walk notes every use of input and of a name.
func (t *tracer) walk(node any) {
	ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Expr:
			for v, n := range t.names {
				if n.in != x {
					continue
				}
				t.note(n.ref, false)
				t.steps(n.ref)
				for _, o := range []*ast.Term{x.Operand(0), x.Operand(1)} {
					if o.Value.Compare(v) != 0 && o.Value.Compare(n.ref) != 0 {
						t.walk(o)
					}
				}
				return true
			}
		case ast.Ref:
			t.note(x, true)
			t.steps(x)
			return true
		case ast.Var:
			if x.Equal(ast.InputRootDocument.Value) {
				t.out = append(t.out, stride{deep: true})
			}
			if n, ok := t.names[x]; ok {
				t.note(n.ref, true)
			}
		}
		return false
	}).Walk(node)
}

// steps walks what a reference is indexed with.
func (t *tracer) steps(ref ast.Ref) {
	for _, s := range ref[1:] {
		t.walk(s)
	}
}

// note adds a reference that begins with input or a name.
func (t *tracer) note(ref ast.Ref, deep bool) {
	var tail []string
	for range len(t.names) + 1 {
		tail = append(pathOf(ref[1:]), tail...)
		if ref[0].Equal(ast.InputRootDocument) {
			t.out = append(t.out, stride{path: tail, deep: deep})
			return
		}
		head, _ := ref[0].Value.(ast.Var)
		n, ok := t.names[head]
		if !ok {
			return
		}
		ref = n.ref
	}
	t.out = append(t.out, stride{deep: true}) // names that stand for each other: all of input
}

func pathOf(ref ast.Ref) []string {
	out := make([]string, len(ref))
	for i, s := range ref {
		if p, _ := inputPath(ast.Ref{ast.InputRootDocument, s}); len(p) == 1 {
			out[i] = p[0]
		} else {
			out[i] = anyStep
		}
	}
	return out
}
