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

// program is the policies of a type, ready to be run in Go. It gives the same answers as
// topdown, OPA's evaluator, several times faster; the tests compare the two. Whatever it
// cannot do, topdown does: a policy that needs a statement that is not implemented here
// has no entry, and an evaluation that ends in an error is repeated there.
type program struct {
	code    *code
	entries []entry      // of the policies, in their order
	tried   []*witnesses // of the policies, made when they are needed
	trying  sync.Mutex
}

// witnesses returns those of a policy.
func (pr *program) witnesses(i int) *witnesses {
	pr.trying.Lock()
	defer pr.trying.Unlock()
	if pr.tried[i] == nil {
		pr.tried[i] = newWitnesses(pr.code, pr.entries[i])
	}
	return pr.tried[i]
}

// entry is where a policy begins.
type entry struct {
	deny, applicable *function // applicable is nil where the policy has no such rule
	inputs           inputs    // what the verdict may depend on
}

// plan compiles the evaluator's query into a program.
func (ev *evaluator) plan(ctx context.Context) (*program, error) {
	policy, err := planned(ctx, ev.unit.compiler, ev.raw)
	if err != nil {
		return nil, err
	}
	return ev.programOf(newCode(ev.session.constants(), policy)), nil
}

// programOf finds the policies of the evaluator in code.
func (ev *evaluator) programOf(c *code) *program {
	pr := &program{code: c, tried: make([]*witnesses, len(ev.policies))}
	for _, p := range ev.policies {
		deny, applicable := p.functions()
		pr.entries = append(pr.entries, entryOf(c, p, deny, applicable))
	}
	return pr
}

// entryOf finds a policy in code, by the names of the functions that are its rules.
func entryOf(c *code, p *compiled, deny, applicable string) entry {
	var e entry
	if e.deny = c.rule(deny); e.deny != nil {
		e.inputs = e.deny.inputs
	}
	if p.Applicable {
		if e.applicable = c.rule(applicable); e.applicable == nil {
			e.deny = nil
		} else {
			e.inputs = e.inputs.union(e.applicable.inputs)
		}
	}
	return e
}

// functions returns the names of the functions that are the policy's rules.
func (p *compiled) functions() (deny, applicable string) {
	if p.plan != nil {
		return p.plan.deny, p.plan.applicable
	}
	return functionOf(p.own, p.Policy, "deny"), functionOf(p.own, p.Policy, "applicable")
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
