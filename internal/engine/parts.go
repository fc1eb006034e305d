package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// partless is a policy that does not say which parts its faults have. Which they are
// decides nothing: where only they depend on something unknown, the resource fails, and
// the finding names none.
type partless struct {
	once  sync.Once
	code  *code // nil where the policy names no parts, or where they may decide
	entry entry
	err   error
}

// get makes the program of the policy without the parts.
func (l *partless) get(ctx context.Context, ev *evaluator, p *compiled) {
	l.once.Do(func() {
		u, err := p.unit()
		if err != nil || !namesParts(u.mods[p.File]) {
			l.err = err
			return
		}
		v, err := p.variant(u, dropParts)
		if err != nil || v == nil {
			l.err = err
			return
		}
		policy, err := planned(ctx, v.unit.compiler, v.unit.query([]*Policy{p.Policy}))
		if err != nil {
			l.err = err
			return
		}
		code := newCode(ev.session.constants(), policy)
		if e := entryOf(code, p, functionOf(v.unit, p.Policy, "deny"), functionOf(v.unit, p.Policy, "applicable")); e.deny != nil {
			l.code, l.entry = code, e
		}
	})
}

// partless judges a policy without the parts of its faults. It says nothing where that
// meets something unknown as well. The machine is at the resource, and left there.
func (ev *evaluator) partless(ctx context.Context, m *machine, i int, spots []blind) (Result, bool) {
	p := ev.policies[i]
	if p.partless.get(ctx, ev, p); p.partless.err != nil || p.partless.code == nil {
		return Result{}, false
	}
	code := p.partless.code
	other := code.machines.Get().(*machine) //nolint:forcetypeassert // New makes them
	defer code.machines.Put(other)
	other.begin(ctx, ev, m.res, m.rel, m.unknown)
	res, err := other.judge(p.Policy, p.partless.entry)
	if err != nil || res.Verdict != finding.Fail {
		return Result{}, false
	}
	why := ev.met(m, i, spots).why
	res.Denies = slices.Clone(res.Denies) // the machine keeps its own
	for k := range res.Denies {
		res.Denies[k].AtLeast = fmt.Sprintf("%s could not be read (%s)", why.name(), why.reason)
	}
	return res, true
}

// met returns what the evaluation of a policy meets, of what is unknown. The machine is
// left at the resource as it was.
func (ev *evaluator) met(m *machine, i int, spots []blind) blind {
	res, rel, unknown := m.res, m.rel, m.unknown
	defer m.begin(m.bctx.Context, ev, res, rel, unknown)
	for _, s := range spots[:min(len(spots), maxDeciding)] {
		only := slices.DeleteFunc(slices.Clone(unknown), func(u unknownPath) bool { return !slices.Equal(u.path, s.why.path) })
		m.begin(m.bctx.Context, ev, res, rel, only)
		if _, err := m.judge(ev.policies[i].Policy, ev.program.entries[i]); errors.Is(err, errDoubt) {
			return s
		}
	}
	return spots[0]
}

// namesParts reports whether an element of deny has defects.
func namesParts(m *ast.Module) bool {
	found := false
	ast.WalkTerms(m, func(t *ast.Term) bool {
		o, ok := t.Value.(ast.Object)
		found = found || ok && o.Get(partsKey()) != nil
		return found
	})
	return found
}

// dropParts takes the defects out of every object that has them. It reports false where
// one may be undefined: then there would be no element of deny, and it decides.
func dropParts(m *ast.Module) bool {
	total := true
	_, err := ast.Transform(ast.NewGenericTransformer(func(x any) (any, error) {
		o, ok := x.(ast.Object)
		if !ok || o.Get(partsKey()) == nil {
			return x, nil
		}
		total = total && hasValue(m, o.Get(partsKey()))
		less := ast.NewObject()
		o.Foreach(func(k, v *ast.Term) {
			if !k.Equal(partsKey()) {
				less.Insert(k, v)
			}
		})
		return less, nil
	}), m)
	return err == nil && total
}

func partsKey() *ast.Term { return ast.InternedTerm("defects") }

// hasValue reports whether a term has a value whatever the input is: a comprehension,
// or a set to which rules of the module add.
func hasValue(m *ast.Module, t *ast.Term) bool {
	switch v := headOf(t).Value.(type) {
	case *ast.ArrayComprehension, *ast.SetComprehension:
		return true
	case ast.Var:
		set := false
		for _, r := range m.Rules {
			if r.Head.Name == v {
				if r.Head.RuleKind() != ast.MultiValue {
					return false
				}
				set = true
			}
		}
		return set
	default:
		return false
	}
}
