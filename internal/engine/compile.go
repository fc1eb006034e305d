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

// unit is what was compiled together: policies, each once, and the libraries that
// they import.
type unit struct {
	engine   *Engine
	compiler *ast.Compiler
	mods     map[string]*ast.Module // as they were handed to the compiler, by file
}

// path is data.<package>.
func (u *unit) path(p *Policy) ast.Ref { return u.mods[p.File].Package.Path }

// compiled is a policy ready to be evaluated. The types of a session share it.
type compiled struct {
	*Policy
	engine *Engine
	plan   *plannedPolicy // what the plans say; nil when the policy was compiled
	reads  reads

	compiling  sync.Once
	own        *unit
	compileErr error

	once                sync.Once
	denyQuery, appQuery ast.Body // see queries
	err                 error

	stepsOnce sync.Once
	steps     footprint // see footprint
	// What partial evaluation leaves of the rules, asked for when it is first needed.
	denyLeft, appLeft residual
	graded            graded
	partless          partless
}

// unit returns what the policy was compiled in. One of which there is a plan is
// compiled when something else than the plan is needed of it.
func (p *compiled) unit() (*unit, error) {
	p.compiling.Do(func() {
		if p.own == nil {
			p.own, p.compileErr = p.engine.unit([]*Policy{p.Policy})
		}
	})
	return p.own, p.compileErr
}

// queries returns what asks the policy alone: data.<package>.deny, and
// data.<package>.applicable, nil without the rule.
func (p *compiled) queries(u *unit) (deny, applicable ast.Body, err error) {
	p.once.Do(func() {
		ask := func(rule string) ast.Body {
			var q ast.Body
			if p.err == nil {
				q, p.err = u.compiler.QueryCompiler().Compile(ast.NewBody(equal("result", ast.NewTerm(u.path(p.Policy).Append(ast.StringTerm(rule))))))
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
func (p *compiled) modules(u *unit) (map[string]*ast.Module, error) {
	out := map[string]*ast.Module{p.File: u.mods[p.File]}
	if err := u.engine.addLibs(out, p.Imports); err != nil {
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
		case len(r.path) > 1 && r.path[0] == "resource" && (r.path[1] == "tags" || r.path[1] == "tag_keys" || r.path[1] == inheritedPath):
			set["tags"] = true
		case len(r.path) > 2 && r.path[0] == "resource" && r.path[1] == "attributes":
			set[r.path[2]] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// unit compiles policies and the libraries that they import, each once.
func (e *Engine) unit(policies []*Policy) (*unit, error) {
	u := &unit{engine: e, compiler: newCompiler(), mods: map[string]*ast.Module{}}
	for _, p := range policies {
		parsed, err := p.module()
		if err != nil {
			return nil, err
		}
		m := parsed.Copy()
		if err := ownParams(m, p.ID); err != nil {
			return nil, fmt.Errorf("%s: %w", p.File, err)
		}
		u.mods[p.File] = m
		if err := e.addLibs(u.mods, p.Imports); err != nil {
			return nil, err
		}
	}
	if u.compiler.Compile(u.mods); u.compiler.Failed() {
		return nil, compileErrors(u.compiler.Errors)
	}
	return u, nil
}

// prepare builds the evaluators of types. Of a type there are up to two: for the
// policies of which there are plans, and for those that have to be compiled, which
// are compiled together.
func (s *Session) prepare(types []providers.Type) (map[providers.Type][]*evaluator, error) {
	var own []*Policy
	var needed []*Policy
	for _, t := range types {
		needed = append(needed, s.about[t]...)
	}
	slices.SortFunc(needed, func(a, b *Policy) int { return strings.Compare(a.ID, b.ID) })
	for _, p := range needed {
		if s.ready[p.ID] != nil {
			continue
		}
		c := &compiled{Policy: p, engine: s.engine, plan: s.plannedPolicy(p)}
		if s.ready[p.ID] = c; c.plan == nil {
			own = append(own, p)
			continue
		}
		c.reads = p.indexed()
	}
	if len(own) > 0 {
		u, err := s.engine.unit(own)
		if err != nil {
			return nil, err
		}
		for _, p := range own {
			c := s.ready[p.ID]
			c.own = u
			if c.reads, err = readsIn(u, p); err != nil {
				return nil, fmt.Errorf("%s: %w", p.File, err)
			}
		}
	}
	out := map[providers.Type][]*evaluator{}
	for _, t := range types {
		evs, err := s.evaluatorsOf(t)
		if err != nil {
			return nil, err
		}
		out[t] = evs
	}
	return out, nil
}

// evaluatorsOf returns those of one type. What was compiled is asked by one query
// for all policies that were compiled together.
func (s *Session) evaluatorsOf(t providers.Type) ([]*evaluator, error) {
	var out []*evaluator
	of := func(u *unit) *evaluator {
		for _, ev := range out {
			if ev.unit == u {
				return ev
			}
		}
		out = append(out, &evaluator{session: s, typ: t, unit: u, joins: map[providers.Type][]string{}})
		return out[len(out)-1]
	}
	for _, p := range s.about[t] {
		c := s.ready[p.ID]
		if c.plan != nil {
			ev := of(nil)
			ev.policies, ev.replaces = append(ev.policies, c), ev.replaces || c.plan.replaces
			continue
		}
		ev := of(c.own)
		ev.policies = append(ev.policies, c)
		mods, err := c.modules(c.own)
		if err != nil {
			return nil, err
		}
		ev.replaces = ev.replaces || replacesInput(mods)
	}
	for _, ev := range out {
		ev.joins, ev.attrs = joinsOf(ev.policies), ev.attributes()
		if ev.unit == nil {
			continue
		}
		var own []*Policy
		for _, c := range ev.policies {
			own = append(own, c.Policy)
		}
		ev.raw = ev.unit.query(own)
		var err error
		if ev.query, err = ev.unit.compiler.QueryCompiler().Compile(ev.raw.Copy()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func joinsOf(policies []*compiled) map[providers.Type][]string {
	out := map[providers.Type][]string{}
	for _, p := range policies {
		for u, as := range p.Uses {
			out[u] = slices.Compact(slices.Sorted(slices.Values(slices.Concat(out[u], as))))
		}
	}
	return out
}

// readsIn returns what a policy reads: the index says it of shipped policies.
func readsIn(u *unit, p *Policy) (reads, error) {
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

// query asks all of the policies: result is a list of what it says of each, [deny]
// where there is no applicable rule, else [deny, {true if applicable}], so that an
// undefined applicable does not make the whole query undefined.
func (u *unit) query(policies []*Policy) ast.Body {
	var out []*ast.Term
	for _, p := range policies {
		deny := ast.NewTerm(u.path(p).Append(ast.StringTerm("deny")))
		if !p.Applicable {
			out = append(out, ast.ArrayTerm(deny))
			continue
		}
		is := ast.NewTerm(u.path(p).Append(ast.StringTerm("applicable")))
		out = append(out, ast.ArrayTerm(deny, ast.SetComprehensionTerm(ast.BooleanTerm(true), ast.NewBody(ast.Equality.Expr(is, ast.BooleanTerm(true))))))
	}
	return ast.NewBody(equal("result", ast.ArrayTerm(out...)))
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
