package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/providers"
)

// compiled is a policy ready to be evaluated on one type.
type compiled struct {
	*Policy
	reads     reads
	denyQuery ast.Body               // data.<package>.deny
	appQuery  ast.Body               // data.<package>.applicable, nil without the rule
	path      ast.Ref                // data.<package>
	modules   map[string]*ast.Module // the policy and the libraries it imports
	// What partial evaluation leaves of the rules, asked for when it is first needed.
	denyLeft, appLeft residual
}

type reads []read

// attributes returns the top-level attributes, and "tags", that are read of the
// resource itself.
func (rs reads) attributes() []string {
	set := map[string]bool{}
	for _, r := range rs {
		switch {
		case len(r.path) > 1 && r.path[0] == "resource" && r.path[1] == "tags":
			set["tags"] = true
		case len(r.path) > 2 && r.path[0] == "resource" && r.path[1] == "attributes":
			set[r.path[2]] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// compile builds the evaluator of a type: its policies and the libraries they
// import, and one query that asks them all.
func (s *Session) compile(t providers.Type) (*evaluator, error) {
	mods := map[string]*ast.Module{}
	own := map[string]map[string]*ast.Module{} // by policy
	var policies []*Policy
	for _, p := range s.policies {
		if !slices.Contains(p.Types, t) {
			continue
		}
		policies = append(policies, p)
		parsed, err := p.module()
		if err != nil {
			return nil, err
		}
		m := parsed.Copy()
		if err := ownParams(m, p.ID); err != nil {
			return nil, fmt.Errorf("%s: %w", p.File, err)
		}
		mods[p.File] = m
		if err := s.engine.addLibs(mods, p.Imports); err != nil {
			return nil, err
		}
		own[p.ID] = map[string]*ast.Module{p.File: m.Copy()}
		if err := s.engine.addLibs(own[p.ID], p.Imports); err != nil {
			return nil, err
		}
	}
	c := newCompiler()
	if c.Compile(mods); c.Failed() {
		return nil, compileErrors(c.Errors)
	}
	ev := &evaluator{session: s, typ: t, compiler: c, replaces: replacesInput(mods)}
	for _, p := range policies {
		rs, err := readsOf(c, mods[p.File])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.File, err)
		}
		cp := &compiled{Policy: p, reads: rs, path: mods[p.File].Package.Path, modules: own[p.ID]}
		if cp.denyQuery, err = c.QueryCompiler().Compile(ast.NewBody(equal("result", ast.NewTerm(cp.path.Append(ast.StringTerm("deny")))))); err != nil {
			return nil, fmt.Errorf("%s: %w", p.File, err)
		}
		if p.Applicable {
			if cp.appQuery, err = c.QueryCompiler().Compile(ast.NewBody(equal("result", ast.NewTerm(cp.path.Append(ast.StringTerm("applicable")))))); err != nil {
				return nil, fmt.Errorf("%s: %w", p.File, err)
			}
		}
		ev.policies = append(ev.policies, cp)
	}
	ev.joins, ev.attrs = s.Joins(t), ev.attributes()
	var err error
	ev.raw = ast.NewBody(equal("result", ast.ArrayTerm(ev.terms()...)))
	ev.query, err = c.QueryCompiler().Compile(ev.raw.Copy())
	return ev, err
}

// replacesInput reports whether any expression has "with input... as".
func replacesInput(mods map[string]*ast.Module) bool {
	found := false
	for _, m := range mods {
		ast.WalkWiths(m, func(*ast.With) bool {
			found = true
			return false
		})
	}
	return found
}

// terms is what the one query of a type asks of each policy: [deny] where there
// is no applicable rule, else [deny, {true if applicable}], so that an undefined
// applicable does not make the whole query undefined.
func (ev *evaluator) terms() []*ast.Term {
	var out []*ast.Term
	for _, p := range ev.policies {
		deny := ast.NewTerm(p.path.Append(ast.StringTerm("deny")))
		if !p.Applicable {
			out = append(out, ast.ArrayTerm(deny))
			continue
		}
		is := ast.NewTerm(p.path.Append(ast.StringTerm("applicable")))
		out = append(out, ast.ArrayTerm(deny, ast.SetComprehensionTerm(ast.BooleanTerm(true), ast.NewBody(ast.Equality.Expr(is, ast.BooleanTerm(true))))))
	}
	return out
}

func equal(variable string, t *ast.Term) *ast.Expr {
	return ast.Equality.Expr(ast.VarTerm(variable), t)
}

// addLibs adds the libraries that are imported, and those that they import.
func (e *Engine) addLibs(mods map[string]*ast.Module, imports []string) error {
	for _, imp := range imports {
		for pkg, lib := range e.libs {
			// An import may name the package or a rule of it.
			if mods[lib.File] != nil || imp != pkg && !strings.HasPrefix(imp, pkg+".") {
				continue
			}
			m, err := lib.module()
			if err != nil {
				return err
			}
			mods[lib.File] = m
			if err := e.addLibs(mods, lib.Imports); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownParams rewrites input.params.x to input.params["<id>"].x: all policies of a
// type share one input, and each has parameters of its own.
func ownParams(m *ast.Module, id string) error {
	prefix := ast.Ref{ast.InputRootDocument, ast.StringTerm("params")}
	own := func(r ast.Ref) (ast.Value, error) {
		if !r.HasPrefix(prefix) || len(r) > 2 && r[2].Equal(ast.StringTerm(id)) {
			return r, nil
		}
		out := append(prefix.Copy(), ast.StringTerm(id))
		return append(out, r[2:]...), nil
	}
	if _, err := ast.TransformRefs(m, own); err != nil {
		return err
	}
	// OPA's transformation does not enter "some x in input.params.y".
	var err error
	ast.NewGenericVisitor(func(x any) bool {
		if d, ok := x.(*ast.SomeDecl); ok {
			for _, t := range d.Symbols {
				if _, e := ast.TransformRefs(t, own); e != nil {
					err = e
				}
			}
		}
		return false
	}).Walk(m)
	return err
}
