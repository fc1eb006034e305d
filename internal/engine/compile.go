package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/providers"
)

// unit is what was compiled together: the policies of several types, each once, and
// the libraries that they import.
type unit struct {
	engine   *Engine
	compiler *ast.Compiler
	mods     map[string]*ast.Module // as they were handed to the compiler, by file
	policies map[string]*compiled   // by id
}

// compiled is a policy ready to be evaluated. The types of a unit share it.
type compiled struct {
	*Policy
	unit  *unit
	reads reads
	path  ast.Ref // data.<package>

	once                sync.Once
	denyQuery, appQuery ast.Body // see queries
	err                 error

	stepsOnce sync.Once
	steps     footprint // see footprint
	// What partial evaluation leaves of the rules, asked for when it is first needed.
	denyLeft, appLeft residual
}

// queries returns what asks the policy alone: data.<package>.deny, and
// data.<package>.applicable, nil without the rule.
func (p *compiled) queries() (deny, applicable ast.Body, err error) {
	p.once.Do(func() {
		ask := func(rule string) ast.Body {
			var q ast.Body
			if p.err == nil {
				q, p.err = p.unit.compiler.QueryCompiler().Compile(ast.NewBody(equal("result", ast.NewTerm(p.path.Append(ast.StringTerm(rule))))))
			}
			return q
		}
		p.denyQuery = ask("deny")
		if p.Applicable {
			p.appQuery = ask("applicable")
		}
	})
	return p.denyQuery, p.appQuery, p.err
}

// modules returns copies of the policy's module and of the libraries it imports.
func (p *compiled) modules() (map[string]*ast.Module, error) {
	out := map[string]*ast.Module{p.File: p.unit.mods[p.File]}
	if err := p.unit.engine.addLibs(out, p.Imports); err != nil {
		return nil, err
	}
	for name, m := range out {
		out[name] = m.Copy()
	}
	return out, nil
}

type reads []read

// attributes returns the top-level attributes, and "tags", that are read of the
// resource itself.
func (rs reads) attributes() []string {
	set := map[string]bool{}
	for _, r := range rs {
		switch {
		case len(r.path) > 1 && r.path[0] == "resource" && (r.path[1] == "tags" || r.path[1] == "tag_keys"):
			set["tags"] = true
		case len(r.path) > 2 && r.path[0] == "resource" && r.path[1] == "attributes":
			set[r.path[2]] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// compile builds the evaluators of types: every policy of theirs and every library
// that these import is compiled once.
func (s *Session) compile(types []providers.Type) (map[providers.Type]*evaluator, error) {
	u := &unit{engine: s.engine, compiler: newCompiler(), mods: map[string]*ast.Module{}, policies: map[string]*compiled{}}
	for _, p := range s.policies {
		if !slices.ContainsFunc(types, func(t providers.Type) bool { return slices.Contains(p.Types, t) }) {
			continue
		}
		parsed, err := p.module()
		if err != nil {
			return nil, err
		}
		m := parsed.Copy()
		if err := ownParams(m, p.ID); err != nil {
			return nil, fmt.Errorf("%s: %w", p.File, err)
		}
		u.mods[p.File] = m
		if err := s.engine.addLibs(u.mods, p.Imports); err != nil {
			return nil, err
		}
		u.policies[p.ID] = &compiled{Policy: p, unit: u, path: m.Package.Path}
	}
	if u.compiler.Compile(u.mods); u.compiler.Failed() {
		return nil, compileErrors(u.compiler.Errors)
	}
	for _, p := range u.policies {
		var err error
		if p.reads, err = s.readsOf(u, p); err != nil {
			return nil, fmt.Errorf("%s: %w", p.File, err)
		}
	}
	out := map[providers.Type]*evaluator{}
	for _, t := range types {
		ev, err := s.evaluator(u, t)
		if err != nil {
			return nil, err
		}
		out[t] = ev
	}
	return out, nil
}

// evaluator is that of one type, with one query that asks all of its policies.
func (s *Session) evaluator(u *unit, t providers.Type) (*evaluator, error) {
	ev := &evaluator{session: s, typ: t, compiler: u.compiler}
	own := map[string]*ast.Module{}
	for _, p := range s.policies {
		if slices.Contains(p.Types, t) {
			ev.policies = append(ev.policies, u.policies[p.ID])
			own[p.File] = u.mods[p.File]
			if err := s.engine.addLibs(own, p.Imports); err != nil {
				return nil, err
			}
		}
	}
	ev.replaces = replacesInput(own)
	ev.joins, ev.attrs = s.Joins(t), ev.attributes()
	var err error
	ev.raw = ast.NewBody(equal("result", ast.ArrayTerm(ev.terms()...)))
	ev.query, err = u.compiler.QueryCompiler().Compile(ev.raw.Copy())
	return ev, err
}

// readsOf returns what a policy reads: the index says it of shipped policies.
func (s *Session) readsOf(u *unit, p *compiled) (reads, error) {
	if p.IndexedReads == nil {
		return readsOf(u.compiler, u.mods[p.File])
	}
	return p.indexed(), nil
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
	own := func(r ast.Ref) (ast.Value, error) { //nolint:unparam // the signature is OPA's
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
