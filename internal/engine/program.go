package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/ir"
	"github.com/open-policy-agent/opa/v1/rego"
)

// program is the policies of a type as OPA's planner compiles them, an imperative
// plan of calls, loops and comparisons, made ready to be run in Go. It gives the
// same answers as topdown, OPA's evaluator, several times faster; the tests compare
// the two. Whatever it cannot do, topdown does: a policy that needs a statement that
// is not implemented here has no entry, and an evaluation that ends in an error is
// repeated there.
type program struct {
	funcs    []*function
	entries  []entry    // of the policies, in their order
	slots    [][]string // paths below input that the program reads
	machines sync.Pool
	tried    []*witnesses // of the policies, made when they are needed
	trying   sync.Mutex
}

// witnesses returns those of a policy.
func (pr *program) witnesses(i int) *witnesses {
	pr.trying.Lock()
	defer pr.trying.Unlock()
	if pr.tried[i] == nil {
		pr.tried[i] = newWitnesses(pr.entries[i])
	}
	return pr.tried[i]
}

// entry is where a policy begins.
type entry struct {
	deny, applicable *function // applicable is nil where the policy has no such rule
}

// function is a rule or a function of Rego. Its first two parameters are input and
// data, which a rule takes alone.
type function struct {
	name   string
	params []int
	result int
	locals int
	blocks [][]step
	index  int // in program.funcs
	// reads says that the result may depend on the resource: it reads more of input
	// than what is the same for all resources of the type.
	reads bool
	yes   bool // it has no other value than true: one body that holds is enough
	// unsupported says why it cannot be run here, "" when it can.
	unsupported string
	calls       []*function
	constants   []*ast.Term // scalars that its statements name
}

// rule reports whether the function takes no arguments: it has one result in an
// evaluation.
func (f *function) rule() bool { return len(f.params) == 2 }

// plan compiles the evaluator's query into a program.
func (ev *evaluator) plan(ctx context.Context) (*program, error) {
	policy, err := planned(ctx, ev.unit.compiler, ev.raw)
	if err != nil {
		return nil, err
	}
	return ev.build(policy, nil), nil
}

// build makes steps of a plan. It may lack functions that cannot be run anyway.
func (ev *evaluator) build(policy *ir.Policy, lacking map[string]string) *program {
	pr := &program{}
	b := newBuilder(ev, pr, policy)
	if policy.Funcs != nil {
		for i, f := range policy.Funcs.Funcs {
			fn := &function{name: f.Name, index: i}
			b.byName[f.Name] = fn
			pr.funcs = append(pr.funcs, fn)
		}
		for name, why := range lacking {
			b.byName[name] = &function{name: name, unsupported: why}
		}
		for i, f := range policy.Funcs.Funcs {
			b.function(pr.funcs[i], f)
		}
	}
	spread(pr.funcs)
	for _, p := range ev.policies {
		var e entry
		deny, applicable := p.functions()
		if f := b.byName[deny]; f != nil && f.unsupported == "" {
			e.deny = f
		}
		if p.Applicable {
			f := b.byName[applicable]
			if f == nil || f.unsupported != "" {
				e.deny = nil
			}
			e.applicable = f
		}
		pr.entries = append(pr.entries, e)
	}
	pr.tried = make([]*witnesses, len(pr.entries))
	pr.machines.New = func() any { return newMachine(pr) }
	return pr
}

// functions returns the names of the functions that are the policy's rules.
func (p *compiled) functions() (deny, applicable string) {
	if p.plan != nil {
		return p.plan.deny, p.plan.applicable
	}
	return functionOf(p.own, p.Policy, "deny"), functionOf(p.own, p.Policy, "applicable")
}

// spread marks what calls something unsupported as unsupported, and what calls
// something that reads the resource as reading it.
func spread(funcs []*function) {
	for changed := true; changed; {
		changed = false
		for _, f := range funcs {
			for _, c := range f.calls {
				if c.unsupported != "" && f.unsupported == "" {
					f.unsupported, changed = c.unsupported, true
				}
				if c.reads && !f.reads {
					f.reads, changed = true, true
				}
			}
		}
	}
}

// planned returns the plan of a query. OPA hands plans only to what is registered as
// the evaluator of a target.
func planned(ctx context.Context, c *ast.Compiler, query ast.Body) (*ir.Policy, error) {
	register.Do(func() { rego.RegisterPlugin("metsuke", target{}) })
	var out *ir.Policy
	ctx = context.WithValue(ctx, planKey{}, &out)
	if _, err := rego.New(rego.Target(targetName), rego.Compiler(c), rego.ParsedQuery(query)).PrepareForEval(ctx); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	if out == nil {
		return nil, errors.New("plan: there is none")
	}
	return out, nil
}

var register sync.Once //nolint:gochecknoglobals // OPA keeps its targets for the whole process and refuses a second registration

const targetName = "metsuke"

type planKey struct{}

// target is an evaluator that only takes the plan.
type target struct{}

// IsTarget implements rego.TargetPlugin.
func (target) IsTarget(name string) bool { return name == targetName }

// PrepareForEval implements rego.TargetPlugin.
func (target) PrepareForEval(ctx context.Context, p *ir.Policy, _ ...rego.PrepareOption) (rego.TargetPluginEval, error) {
	if out, ok := ctx.Value(planKey{}).(**ir.Policy); ok {
		*out = p
	}
	return nil, nil
}
