package engine

import (
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// fallbacks are the functions that have an else or a default, by reference, with the
// number of their arguments. OPA answers f(x, 0), whether such a function gives a
// value that is there already, with the else branch or the default also when an
// earlier body holds and gives another value. Policies cannot write that call;
// partial evaluation does.
type fallbacks map[string]int

func (f fallbacks) add(m *ast.Module) {
	for _, r := range m.Rules {
		if len(r.Head.Args) > 0 && (r.Else != nil || r.Default) {
			f[r.Ref().String()] = len(r.Head.Args)
		}
	}
}

// calls reports whether an expression calls such a function, with a place for the
// result.
func (f fallbacks) calls(expr *ast.Expr) bool {
	terms, ok := expr.Terms.([]*ast.Term)
	if !ok {
		return false
	}
	arity, ok := f[terms[0].Value.String()]
	return ok && len(terms) == arity+2
}

// free gives the calls a variable of their own for the result: f(x, 0) becomes
// f(x, y) and y == 0. It reports false when a call cannot be rewritten: the body must
// then not be evaluated.
func (f fallbacks) free(c *ast.Compiler, body ast.Body) (ast.Body, bool) {
	if !slices.ContainsFunc(body, f.calls) {
		return body, true
	}
	taken := body.Vars(ast.VarVisitorParams{})
	var out ast.Body
	// A body that was freed before may be read by others meanwhile. Its expressions
	// stay where they are, so that nothing is written to them.
	add := func(expr *ast.Expr) {
		if expr.Index != len(out) {
			expr.Index = len(out)
		}
		out = append(out, expr)
	}
	for i, expr := range body {
		if !f.calls(expr) {
			add(expr)
			continue
		}
		terms, _ := expr.Terms.([]*ast.Term)
		last := terms[len(terms)-1]
		if v, is := last.Value.(ast.Var); is && !expr.Negated && !givenElsewhere(c, v, body, i) {
			add(expr)
			continue
		}
		if expr.Negated || len(expr.With) > 0 {
			return nil, false
		}
		result := ast.Var(fmt.Sprintf("metsuke_value_%d", len(taken)))
		for k := len(taken); taken.Contains(result); k++ {
			result = ast.Var(fmt.Sprintf("metsuke_value_%d", k))
		}
		taken.Add(result)
		e := expr.Copy()
		e.Terms = append(slices.Clone(terms[:len(terms)-1]), ast.NewTerm(result))
		add(e)
		// Not a unification: that could give the variable its value before the call.
		add(ast.Equal.Expr(ast.NewTerm(result), last))
	}
	return out, true
}

// givenElsewhere reports whether another expression may give the variable its value.
func givenElsewhere(c *ast.Compiler, v ast.Var, body ast.Body, call int) bool {
	for i, expr := range body {
		others := expr.Vars(ast.VarVisitorParams{}).Diff(ast.NewVarSet(v))
		if i != call && ast.OutputVarsFromExpr(c, expr, others).Contains(v) {
			return true
		}
	}
	return false
}

// freeRule does the same in a rule.
func (f fallbacks) freeRule(c *ast.Compiler, rule *ast.Rule) bool {
	for r := rule; r != nil; r = r.Else {
		body, ok := f.free(c, r.Body)
		if !ok {
			return false
		}
		r.Body = body
	}
	return true
}
