package engine

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// flatten takes references out of references and of composite terms:
// tags[keys[i]] becomes tags[x] and x = keys[i]. What is known of the inner one then
// says which step it is, and one expression no longer waits for another. Negated expressions stay as they are, for what is undefined in them makes them
// true; so do comprehensions.
func flatten(body ast.Body) ast.Body {
	f := flattener{names: map[string]*ast.Term{}}
	var out ast.Body
	for _, expr := range body {
		e := expr.Copy()
		if !e.Negated && len(e.With) == 0 {
			switch terms := e.Terms.(type) {
			case *ast.Term:
				e.Terms = f.term(terms)
			case []*ast.Term:
				for i, t := range terms[1:] {
					terms[i+1] = f.term(t)
				}
			}
		}
		out.Append(e)
	}
	for _, e := range f.taken {
		out.Append(e)
	}
	return out
}

type flattener struct {
	names map[string]*ast.Term // variables by the reference that they stand for
	taken []*ast.Expr
}

func (f *flattener) term(t *ast.Term) *ast.Term {
	switch v := t.Value.(type) {
	case ast.Ref:
		return ast.NewTerm(f.steps(v))
	case ast.Call:
		return ast.NewTerm(append(ast.Call{v[0]}, f.inner(v[1:])...))
	case *ast.Array:
		var elems []*ast.Term
		v.Foreach(func(e *ast.Term) { elems = append(elems, e) })
		return ast.ArrayTerm(f.inner(elems)...)
	case ast.Set:
		return ast.SetTerm(f.inner(v.Slice())...)
	case ast.Object:
		var items [][2]*ast.Term
		v.Foreach(func(k, e *ast.Term) {
			pair := f.inner([]*ast.Term{k, e})
			items = append(items, ast.Item(pair[0], pair[1]))
		})
		return ast.ObjectTerm(items...)
	}
	return t
}

// steps flattens what stands in the brackets of a reference.
func (f *flattener) steps(r ast.Ref) ast.Ref { return append(ast.Ref{r[0]}, f.inner(r[1:])...) }

// inner flattens terms within a term.
func (f *flattener) inner(ts []*ast.Term) []*ast.Term {
	out := make([]*ast.Term, len(ts))
	for i, t := range ts {
		ref, is := t.Value.(ast.Ref)
		if !is {
			out[i] = f.term(t)
			continue
		}
		key := ref.String()
		if f.names[key] == nil {
			f.names[key] = ast.VarTerm(fmt.Sprintf("metsuke_inner_%d", len(f.names)))
			f.taken = append(f.taken, ast.Equality.Expr(f.names[key], ast.NewTerm(f.steps(ref))))
		}
		out[i] = f.names[key]
	}
	return out
}
