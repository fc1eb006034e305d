package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// grade is a rule or a function of a policy that only says how bad a defect is. It has
// one of a few values whatever its conditions are, and it stands nowhere but in what
// deny holds: so it decides which element deny has, and not whether there is one.
//
// Where the value depends on something unknown, the policy is judged with each of them.
// When all fail, so does the resource, at least as badly as the mildest says.
type grade struct {
	name   string
	values []*ast.Term
}

// variant is a policy with a part of it changed.
type variant struct {
	unit *unit
	left residual // of deny
}

// graded are the variants of a policy, made when they are first needed.
type graded struct {
	once     sync.Once
	variants []*variant
	err      error
}

// maxGrades bounds how many values a grade may have.
const maxGrades = 8

// gradeOf finds the grade of a policy; false where it has none or several.
func gradeOf(m *ast.Module) (grade, bool) {
	byName := map[string][]*ast.Rule{}
	var names []string
	for _, r := range m.Rules {
		name := string(r.Head.Name)
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], r)
	}
	var found []grade
	for _, name := range names {
		values, ok := valuesOf(byName[name])
		if ok && slices.ContainsFunc(values, grades) && onlyInHeads(m, map[string]bool{name: true}) {
			found = append(found, grade{name, values})
		}
	}
	if len(found) != 1 || ownPath(m) {
		return grade{}, false
	}
	return found[0], true
}

// valuesOf returns what the rules of one name can be; false where they may be undefined,
// or something else than a few constants.
func valuesOf(rules []*ast.Rule) ([]*ast.Term, bool) {
	total := false
	var out []*ast.Term
	for _, rule := range rules {
		if rule.Head.Key != nil || len(rule.Head.Ref()) != 1 {
			return nil, false
		}
		for r := rule; r != nil; r = r.Else {
			if !constant(r.Head.Value) {
				return nil, false
			}
			if !slices.ContainsFunc(out, r.Head.Value.Equal) {
				out = append(out, r.Head.Value)
			}
			total = total || r.Default || r != rule && always(r.Body)
		}
	}
	return out, total && len(out) > 1 && len(out) <= maxGrades
}

func constant(t *ast.Term) bool {
	is := t != nil
	ast.NewGenericVisitor(func(x any) bool {
		switch x.(type) {
		case ast.Var, ast.Ref, ast.Call, *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension, *ast.TemplateString:
			is = false
		}
		return !is
	}).Walk(t)
	return is
}

func always(b ast.Body) bool { return len(b) == 1 && b[0].Equal(ast.NewExpr(ast.BooleanTerm(true))) }

// grades reports whether a value is a severity or an object with one.
func grades(t *ast.Term) bool {
	if o, ok := t.Value.(ast.Object); ok {
		if t = o.Get(ast.StringTerm("severity")); t == nil {
			return false
		}
	}
	s, ok := t.Value.(ast.String)
	return ok && slices.Contains(finding.Severities(), finding.Severity(s))
}

// onlyInHeads reports whether what has one of the names stands only in the elements of
// deny and in the values of rules that do so themselves.
func onlyInHeads(m *ast.Module, names map[string]bool) bool {
	for more := true; more; {
		more = false
		for _, rule := range m.Rules {
			for r := rule; r != nil; r = r.Else {
				if mentions(r.Body, names) || slices.ContainsFunc(r.Head.Args, func(t *ast.Term) bool { return mentions(t, names) }) {
					return false
				}
				name := string(rule.Head.Name)
				switch {
				case r.Head.Key != nil && mentions(r.Head.Key, names):
					if name != "deny" {
						return false
					}
				case r.Head.Value != nil && mentions(r.Head.Value, names) && !names[name]:
					names[name], more = true, true
				}
			}
		}
	}
	return !names["deny"]
}

// mentions reports whether a name is anywhere in a part of a module.
func mentions(node any, names map[string]bool) bool {
	found := false
	ast.WalkVars(node, func(v ast.Var) bool {
		found = found || names[string(v)]
		return found
	})
	return found
}

// ownPath reports whether a module refers to a rule of its own by its whole path.
func ownPath(m *ast.Module) bool {
	found := false
	ast.WalkRefs(m.Rules, func(r ast.Ref) bool {
		found = found || r.HasPrefix(m.Package.Path)
		return found
	})
	return found
}

// get returns the variants; none for a policy without a grade.
func (g *graded) get(p *compiled, u *unit) ([]*variant, error) {
	g.once.Do(func() {
		own, ok := gradeOf(u.mods[p.File])
		if !ok {
			return
		}
		for _, value := range own.values {
			v, err := p.variant(u, func(m *ast.Module) bool { return own.replace(m, value) })
			if err != nil || v == nil {
				g.variants, g.err = nil, err
				return
			}
			g.variants = append(g.variants, v)
		}
	})
	return g.variants, g.err
}

// variant compiles the policy after a change of its module; nil where the change is not
// possible.
func (p *compiled) variant(u *unit, change func(*ast.Module) bool) (*variant, error) {
	mods, err := p.modules(u)
	if err != nil || !change(mods[p.File]) {
		return nil, err
	}
	v := &variant{unit: &unit{engine: u.engine, compiler: newCompiler().WithStrict(false), mods: mods}}
	if v.unit.compiler.Compile(mods); v.unit.compiler.Failed() {
		return nil, compileErrors(v.unit.compiler.Errors)
	}
	return v, nil
}

// replace puts the value in the place of the grade: of the rule, and of every call of the
// function. It reports false where a call may be undefined whatever the function gives,
// because an argument is more than a variable of the body.
func (g grade) replace(m *ast.Module, value *ast.Term) bool {
	var rules []*ast.Rule
	done, plain := false, true
	for _, r := range m.Rules {
		switch {
		case string(r.Head.Name) != g.name:
			rules = append(rules, r)
		case len(r.Head.Args) == 0 && !r.Default && !done:
			r.Else, r.Body, r.Head.Value, done = nil, ast.NewBody(ast.NewExpr(ast.BooleanTerm(true))), value, true
			rules = append(rules, r)
		}
	}
	m.Rules = rules
	_, err := ast.Transform(ast.NewGenericTransformer(func(x any) (any, error) {
		c, ok := x.(ast.Call)
		if !ok || !ast.VarTerm(g.name).Equal(headOf(c[0])) {
			return x, nil
		}
		for _, arg := range c[1:] {
			_, isVar := arg.Value.(ast.Var)
			plain = plain && (isVar || ast.IsConstant(arg.Value))
		}
		return value.Value, nil
	}), m)
	return err == nil && plain
}

// headOf returns the first term of a reference, and every other term as it is.
func headOf(t *ast.Term) *ast.Term {
	if r, ok := t.Value.(ast.Ref); ok && len(r) == 1 {
		return r[0]
	}
	return t
}

// graded judges a policy whose verdict is open with every value of its grade. It says
// nothing where the policy has none, or where not all of them fail.
func (ev *evaluator) graded(ctx context.Context, u *unit, p *compiled, input *ast.Term, n narrower) (Result, bool) {
	variants, err := p.graded.get(p, u)
	if err != nil || len(variants) == 0 {
		return Result{}, false
	}
	var common []Deny
	first := true
	for _, v := range variants {
		left, err := v.left.get(ctx, ev, v.unit, p, "deny", nil, input)
		if err != nil {
			return Result{}, false
		}
		n.left = left
		state, values := n.decide(ctx, left.bodies)
		if state != certain {
			return Result{}, false
		}
		denies, err := deniesOf(values)
		if err != nil {
			return Result{}, false
		}
		if first {
			common, first = denies, false
			continue
		}
		common = mildest(common, denies, p.Severity)
	}
	if len(common) == 0 {
		return Result{}, false
	}
	why := n.blamed.first(n.spots).why
	for i := range common {
		common[i].AtLeast = fmt.Sprintf("%s could not be read (%s)", why.name(), why.reason)
	}
	return failed(p.Policy, common), true
}

// mildest returns what is in both lists, each time the one that is graded milder. usual
// is the severity of those that do not say one.
func mildest(a, b []Deny, usual finding.Severity) []Deny {
	rank := func(d Deny) int { return cmp.Or(d.Severity, usual).Rank() }
	var out []Deny
	for _, x := range a {
		i := slices.IndexFunc(b, func(y Deny) bool { return x.Key == y.Key && x.Path == y.Path })
		switch {
		case i < 0:
		case rank(b[i]) > rank(x):
			out = append(out, b[i])
		default:
			out = append(out, x)
		}
	}
	return out
}
