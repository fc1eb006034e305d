package engine

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// partial decides a policy of which something that it reads is unknown. OPA's
// partial evaluation gives the conditions under which the policy denies; each is
// then judged with what is known of the resource (narrow). None can hold: pass. One
// holds whatever the unknown is: fail. Anything else: unknown.
//
// OPA takes all of the resource and of what is joined as unknown, not just what could
// not be read. It would put in what is known as constants and leave out every
// alternative that then fails its type check: a null where a function compares its
// argument with text, say. Below a negation or in a comprehension that is wrong, for
// what was left out may hold. So the conditions are the same for every resource and
// are asked for once.
func (ev *evaluator) partial(ctx context.Context, u *unit, p *compiled, input *ast.Term, spots []blind) Result {
	steps := &budget{steps: maxSteps}
	stop := context.AfterFunc(ctx, steps.Cancel)
	defer stop()
	n := narrower{ev: ev, input: input, spots: spots, budget: steps, blamed: &blamed{}}
	if p.Applicable {
		left, err := p.appLeft.get(ctx, ev, u, p, "applicable", ast.BooleanTerm(true), input)
		if err != nil {
			return broken(p.Policy, err)
		}
		n.left = left
		switch applies, _ := n.decide(ctx, left.bodies); applies {
		case certain:
		case impossible:
			return Result{Policy: p.Policy, Verdict: finding.NotApplicable}
		case open:
			// Whether it applies is not known. Only a resource that would fail or pass
			// either way could still be judged, and none is: not applying is no pass.
			return unknownResult(p.Policy, n.blamed.first(spots).why)
		}
	}
	left, err := p.denyLeft.get(ctx, ev, u, p, "deny", nil, input)
	if err != nil {
		return broken(p.Policy, err)
	}
	n.left, n.blamed = left, &blamed{}
	state, values := n.decide(ctx, left.bodies)
	switch state {
	case impossible:
		return Result{Policy: p.Policy, Verdict: finding.Pass}
	case certain:
		denies, err := deniesOf(values)
		if err != nil {
			return broken(p.Policy, err)
		}
		return failed(p.Policy, denies)
	default:
		if res, ok := ev.graded(ctx, u, p, input, n); ok {
			return res
		}
		return unknownResult(p.Policy, n.blamed.first(spots).why)
	}
}

// maxSteps bounds the expressions that OPA evaluates to decide one policy on one
// resource in spite of something unknown: about a tenth of a second. Most take a few
// hundred; a condition over several unknown lists can take millions.
const maxSteps = 20_000

// maxResidual bounds the same when the conditions are asked for, once for a policy.
const maxResidual = 500_000

// budget cancels an evaluation after so many steps. It counts, and does not look at
// a clock, so that the same resource has the same verdict on every machine.
type budget struct {
	steps   int
	stopped atomic.Bool
}

// Cancel implements topdown.Cancel.
func (b *budget) Cancel() { b.stopped.Store(true) }

// Cancelled implements topdown.Cancel. It is asked before every expression.
func (b *budget) Cancelled() bool {
	b.steps--
	return b.steps < 0 || b.stopped.Load()
}

func (b *budget) spent() bool { return b.steps < 0 }

// unknownResult is the verdict that depends on something unknown.
func unknownResult(p *Policy, why unknownPath) Result {
	return Result{
		Policy: p, Verdict: finding.Unknown, Path: why.name(), Reason: why.reason,
		Message: fmt.Sprintf("%s could not be read (%s)", why.name(), why.reason),
	}
}

// residual is what partial evaluation leaves of a rule: the alternatives under
// which it holds, the rules that they refer to and that exist only here, and a
// compiler that knows those.
type residual struct {
	mu        sync.Mutex
	done      bool
	open      bool // there are too many alternatives: nothing is decided
	bodies    []ast.Body
	support   map[string][]*ast.Rule // by reference
	compiler  *ast.Compiler
	prepared  sync.Map // what narrow compiled of it
	fallbacks fallbacks
}

// get asks for data.<package>.<rule>, or for its elements when value is nil, with
// everything unknown but the parameters and the time, if that was not done before.
func (left *residual) get(ctx context.Context, ev *evaluator, u *unit, p *compiled, rule string, value, input *ast.Term) (*residual, error) {
	left.mu.Lock()
	defer left.mu.Unlock()
	if left.done {
		return left, nil
	}
	ref := u.path(p.Policy).Append(ast.StringTerm(rule))
	expr := ast.NewExpr(ast.NewTerm(ref.Append(ast.VarTerm(resultVar))))
	if value != nil {
		expr = ast.Equality.Expr(ast.NewTerm(ref), value)
	}
	unknowns := []*ast.Term{
		ast.NewTerm(ast.Ref{ast.InputRootDocument, ast.StringTerm("resource")}),
		ast.NewTerm(ast.Ref{ast.InputRootDocument, ast.StringTerm("related")}),
	}
	steps := &budget{steps: maxResidual}
	stop := context.AfterFunc(ctx, steps.Cancel)
	defer stop()
	// A namespace of its own: what one partial evaluation generates must not be
	// taken for what another one did.
	bodies, support, err := ev.newQuery(u.compiler, ast.NewBody(expr), input).WithCancel(steps).WithUnknowns(unknowns).
		WithPartialNamespace(partialNamespace).PartialRun(ctx)
	if steps.spent() {
		// Too many to be told: not even what is there without conditions is known.
		left.done, left.compiler, left.open = true, u.compiler, true
		return left, nil
	}
	if err != nil {
		return nil, err
	}
	left.bodies, left.support, left.compiler, left.fallbacks = nil, map[string][]*ast.Rule{}, u.compiler, fallbacks{}
	mods, err := p.modules(u)
	if err != nil {
		return nil, err
	}
	for _, m := range mods {
		left.fallbacks.add(m)
	}
	if len(support) > 0 {
		left.compileSupport(mods, support)
	}
	for _, b := range bodies {
		own := flatten(ownVariables(b.Copy()))
		if freed, ok := left.fallbacks.free(left.compiler, own); ok {
			own = freed
		}
		left.bodies = append(left.bodies, own)
	}
	left.done = true
	return left, nil
}

// compileSupport makes the generated rules known. Where they do not compile, every
// reference to them stays undecided.
func (left *residual) compileSupport(mods map[string]*ast.Module, support []*ast.Module) {
	rules := map[string][]*ast.Rule{}
	for _, m := range support {
		left.fallbacks.add(m)
	}
	for i, m := range support {
		mods[fmt.Sprintf("%s %d", partialNamespace, i)] = m
		for _, r := range m.Rules {
			if !left.fallbacks.freeRule(left.compiler, r) {
				return
			}
			ref := r.Ref().GroundPrefix().String()
			own := ownVariables(r.Copy())
			own.Body = flatten(own.Body)
			rules[ref] = append(rules[ref], own)
		}
	}
	// Not strict: what is generated does not use all of its arguments.
	c := newCompiler().WithStrict(false)
	if c.Compile(mods); !c.Failed() {
		left.compiler, left.support = c, rules
	}
}

// ownVariables renames the variables that the evaluator generated. It generates the
// same names again when the body is evaluated, and one variable for two values
// would make a condition false that holds.
func ownVariables[T *ast.Rule | ast.Body](node T) T {
	out, err := ast.TransformVars(node, func(v ast.Var) (ast.Value, error) {
		if v.IsGenerated() || v.IsWildcard() {
			return ast.Var("metsuke_" + strings.TrimPrefix(string(v), ast.WildcardPrefix)), nil
		}
		return v, nil
	})
	if err != nil {
		return node
	}
	if own, ok := out.(T); ok {
		dropKeys(own)
		return own
	}
	return node
}

// dropKeys takes the variable for the key from every "every" that does not use it: OPA
// makes one up, and refuses it as unused under a name of ours.
func dropKeys(node any) {
	ast.NewGenericVisitor(func(x any) bool {
		e, ok := x.(*ast.Every)
		if !ok || e.Key == nil {
			return false
		}
		used := false
		ast.WalkVars(e.Body, func(v ast.Var) bool {
			used = used || v.Equal(e.Key.Value)
			return used
		})
		if !used {
			e.Key = nil
		}
		return false
	}).Walk(node)
}

// resultVar is the variable to which a query binds the elements of deny.
const resultVar = "metsuke_result"

// partialNamespace is the package of the rules that partial evaluation generates.
const partialNamespace = "metsuke_partial"
