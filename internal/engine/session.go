package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
)

// Config is what an evaluation depends on besides policies and resources.
type Config struct {
	// Policies are the ids to evaluate; nil is all of them.
	Policies []string
	// Params overrides declared parameters: by name for every policy that declares
	// it, and by policy id (or alias) and name.
	Params       map[string]any
	PolicyParams map[string]map[string]any
	Now          time.Time // input.now
	// Inherit are the keys under which resources inherit tags of their account or project.
	Inherit []Inherit
}

// Session evaluates selected policies with given parameters. Policies are made ready
// when the first resource of their type arrives: the shipped ones from their plans, the
// others by compiling them. It is safe for concurrent use.
type Session struct {
	engine     *Engine
	policies   []*Policy
	about      map[providers.Type][]*Policy // policies, by what they judge
	params     *ast.Term                    // object by policy id
	now        *ast.Term
	inherit    []Inherit
	tracer     topdown.QueryTracer // sees what is evaluated; nil but in tests of policies
	planFrom   int64               // planFrom, or another number where tests compare programs with topdown
	mu         sync.Mutex
	evaluators map[providers.Type][]*evaluator
	ready      map[string]*compiled // the policies of the evaluators, by id
	groups     [][]providers.Type   // types that were asked for together
	plans      sync.Once
	code       *code // of the shipped policies, see shipped
}

// NewSession checks the configuration and returns a Session.
func (e *Engine) NewSession(cfg Config) (*Session, error) {
	s := &Session{engine: e, planFrom: planFrom, inherit: cfg.Inherit, evaluators: map[providers.Type][]*evaluator{}, ready: map[string]*compiled{}, now: ast.StringTerm(cfg.Now.UTC().Format(time.RFC3339))}
	if cfg.Policies == nil {
		s.policies = slices.Clone(e.policies)
	}
	for _, id := range cfg.Policies {
		p, ok := e.Policy(id)
		if !ok {
			return nil, fmt.Errorf("there is no policy %s%s", id, nearest.Hint(id, e.ids()))
		}
		s.policies = append(s.policies, p)
	}
	slices.SortFunc(s.policies, func(a, b *Policy) int { return strings.Compare(a.ID, b.ID) })
	s.policies = slices.Compact(s.policies)
	s.about = map[providers.Type][]*Policy{}
	for _, p := range s.policies {
		for _, t := range p.Types {
			if of := s.about[t]; len(of) == 0 || of[len(of)-1] != p {
				s.about[t] = append(of, p)
			}
		}
	}
	params, err := e.resolveParams(cfg)
	if err != nil {
		return nil, err
	}
	if s.params, err = paramsTerm(params); err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	return s, nil
}

// paramsTerm returns the parameters as policies see them. Most have none.
func paramsTerm(params map[string]map[string]any) (*ast.Term, error) {
	none := ast.ObjectTerm()
	items := make([][2]*ast.Term, 0, len(params))
	for _, id := range slices.Sorted(maps.Keys(params)) {
		own := none
		if len(params[id]) > 0 {
			v, err := ast.InterfaceToValue(params[id])
			if err != nil {
				return nil, err
			}
			own = ast.NewTerm(v)
		}
		items = append(items, ast.Item(ast.StringTerm(id), own))
	}
	return ast.ObjectTerm(items...), nil
}

func (e *Engine) ids() []string {
	var out []string
	for _, p := range e.policies {
		out = append(append(out, p.ID), p.Aliases...)
	}
	return out
}

// resolveParams returns the parameters of every policy by its id.
func (e *Engine) resolveParams(cfg Config) (map[string]map[string]any, error) {
	used := map[string]bool{}
	own := map[string]map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(cfg.PolicyParams)) {
		p, ok := e.Policy(id)
		if !ok {
			return nil, fmt.Errorf("parameters are given for %s, which is no policy%s", id, nearest.Hint(id, e.ids()))
		}
		for _, name := range slices.Sorted(maps.Keys(cfg.PolicyParams[id])) {
			if _, ok := p.Params[name]; !ok {
				return nil, fmt.Errorf("policy %s has no parameter %s%s", p.ID, name, nearest.Hint(name, slices.Sorted(maps.Keys(p.Params))))
			}
		}
		own[p.ID] = cfg.PolicyParams[id]
	}
	out := make(map[string]map[string]any, len(e.policies))
	var all []string
	for _, p := range e.policies {
		if len(p.Params) == 0 {
			out[p.ID] = nil
			continue
		}
		vals := make(map[string]any, len(p.Params))
		for name, param := range p.Params {
			all = append(all, name)
			vals[name] = param.Default
			if v, ok := cfg.Params[name]; ok {
				used[name] = true
				vals[name] = v
			}
			if v, ok := own[p.ID][name]; ok {
				vals[name] = v
			}
			if err := checkParam(param.Type, vals[name]); err != nil {
				return nil, fmt.Errorf("parameter %s of %s: %w", name, p.ID, err)
			}
		}
		out[p.ID] = vals
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Params)) {
		if !used[name] {
			slices.Sort(all)
			return nil, fmt.Errorf("no policy has a parameter %s%s", name, nearest.Hint(name, slices.Compact(all)))
		}
	}
	return out, nil
}

// shipped returns the code of the shipped policies.
func (s *Session) shipped() *code {
	s.plans.Do(func() {
		s.code = emptyCode(s.constants())
		s.code.plans = s.engine.plans
	})
	return s.code
}

// Policies returns the selected policies, sorted by id.
func (s *Session) Policies() []*Policy { return slices.Clone(s.policies) }

// Types returns the types that the selected policies judge, sorted.
func (s *Session) Types() []providers.Type { return slices.Sorted(maps.Keys(s.about)) }

// Wants returns what must be collected to judge resources of the given types: the
// attributes that the selected policies read of them and of the types they join.
func (s *Session) Wants(types []providers.Type) ([]providers.Want, error) {
	sets := map[providers.Type]map[string]bool{}
	add := func(t providers.Type, attributes ...string) {
		if sets[t] == nil {
			sets[t] = map[string]bool{}
		}
		for _, a := range attributes {
			sets[t][a] = true
		}
	}
	s.mu.Lock()
	s.groups = append(s.groups, slices.Clone(types))
	s.mu.Unlock()
	attributes := map[*Policy][]string{} // that they read; many are about several types
	for _, t := range types {
		add(t)
		for _, p := range s.about[t] {
			if attributes[p] == nil {
				rs, err := s.reads(p)
				if err != nil {
					return nil, err
				}
				attributes[p] = append([]string{}, rs.attributes()...)
			}
			add(t, attributes[p]...)
			for u, as := range p.Uses {
				add(u, as...)
			}
		}
	}
	var out []providers.Want
	for _, t := range slices.Sorted(maps.Keys(sets)) {
		out = append(out, providers.Want{Type: t, Attributes: slices.Sorted(maps.Keys(sets[t]))})
	}
	return out, nil
}

// Reads returns the paths below input that a selected policy reads on a type, for
// people: "resource.attributes.versioning".
func (s *Session) Reads(id string) ([]string, error) {
	p, ok := s.engine.Policy(id)
	if !ok {
		return nil, fmt.Errorf("there is no policy %s", id)
	}
	rs, err := s.reads(p)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rs {
		out = append(out, strings.Join(r.path, "."))
	}
	return out, nil
}

// reads returns what a policy reads; it compiles it unless the index says so.
func (s *Session) reads(p *Policy) (reads, error) {
	if p.IndexedReads != nil {
		return p.indexed(), nil
	}
	if _, err := s.of(p.Types[0]); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.ready[p.ID]
	if c == nil {
		return nil, fmt.Errorf("policy %s is not selected", p.ID)
	}
	return c.reads, nil
}

// Joins returns the types, with their attributes, that policies of t read through
// input.related. While they are not all listed, resources of t cannot be judged.
func (s *Session) Joins(t providers.Type) map[providers.Type][]string {
	out := map[providers.Type][]string{}
	for _, p := range s.about[t] {
		for u, as := range p.Uses {
			out[u] = slices.Compact(slices.Sorted(slices.Values(slices.Concat(out[u], as))))
		}
	}
	return out
}

// of returns the evaluators of a type. The first one asked for brings those of the
// types that were asked for with it by Wants: what they share is compiled once.
func (s *Session) of(t providers.Type) ([]*evaluator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if evs, ok := s.evaluators[t]; ok {
		return evs, nil
	}
	types := []providers.Type{t}
	for _, group := range s.groups {
		if slices.Contains(group, t) {
			types = slices.DeleteFunc(slices.Clone(group), func(o providers.Type) bool { _, done := s.evaluators[o]; return done })
			break
		}
	}
	evs, err := s.prepare(types)
	if err != nil {
		return nil, err
	}
	maps.Copy(s.evaluators, evs)
	return s.evaluators[t], nil
}

// Evaluate judges one resource by every selected policy of its type. The results
// come in the order of Policies.
func (s *Session) Evaluate(ctx context.Context, r providers.Resource, rel *Related) ([]Result, error) {
	evs, err := s.of(r.Type)
	if err != nil {
		return nil, err
	}
	h := s.heritage(r)
	var out []Result
	for _, ev := range evs {
		var results []Result
		if len(h.open) > 0 {
			results, err = ev.suppose(ctx, r, h, rel)
		} else {
			results, err = ev.evaluate(ctx, h.with(r, 0), rel, nil)
		}
		if err != nil {
			return nil, err
		}
		if ev.leaveOut(r, results); out == nil {
			out = results // nearly always all
			continue
		}
		out = append(out, results...)
	}
	if len(evs) > 1 {
		slices.SortFunc(out, func(a, b Result) int { return strings.Compare(a.Policy.ID, b.Policy.ID) })
	}
	return out, nil
}

// ParamsDigest identifies the parameters of the selected policies.
func (s *Session) ParamsDigest() string {
	h := sha256.New()
	for _, p := range s.policies {
		fmt.Fprintf(h, "%s %v\n", p.ID, s.params.Get(ast.StringTerm(p.ID)))
	}
	if len(s.inherit) > 0 {
		fmt.Fprintf(h, "inherit %v\n", s.inherit)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Inherits reports whether a selected policy looks at tags that resources may inherit, so
// that those of accounts and projects have to be read.
func (s *Session) Inherits() (bool, error) {
	if len(s.inherit) == 0 {
		return false, nil
	}
	for _, p := range s.policies {
		rs, err := s.reads(p)
		if err != nil {
			return false, err
		}
		if rs.inherit() {
			return true, nil
		}
	}
	return false, nil
}
