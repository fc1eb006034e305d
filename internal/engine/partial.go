package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// partial decides a policy of which something that it reads is unknown. OPA
// evaluates the policy with just that unknown and gives back the conditions that
// are left. None left to satisfy: pass. One that holds whatever the unknown is:
// fail. Anything else: unknown.
//
// What OPA takes as unknown may be larger than what is (blindSpots): a list of
// rules of which one address is not known yet. The conditions left over are
// therefore narrowed with what is known after all (narrow).
func (ev *evaluator) partial(ctx context.Context, p *compiled, input *ast.Term, spots []blind) Result {
	unknowns := make([]*ast.Term, 0, len(spots))
	for _, s := range spots {
		unknowns = append(unknowns, ast.NewTerm(inputRef(input, s.at)))
	}
	n := narrower{ev: ev, input: input, spots: spots}
	if p.appQuery != nil {
		branches, err := ev.residual(ctx, p, "applicable", ast.BooleanTerm(true), input, unknowns)
		if err != nil {
			return broken(p.Policy, err)
		}
		switch applies, _ := n.decide(ctx, branches); applies {
		case certain:
		case impossible:
			return Result{Policy: p.Policy, Verdict: finding.NotApplicable}
		case open:
			// Whether it applies is not known. Only a resource that would fail or pass
			// either way could still be judged, and none is: not applying is no pass.
			return unknownResult(p.Policy, spots)
		}
	}
	branches, err := ev.residual(ctx, p, "deny", nil, input, unknowns)
	if err != nil {
		return broken(p.Policy, err)
	}
	state, values := n.decide(ctx, branches)
	switch state {
	case impossible:
		return Result{Policy: p.Policy, Verdict: finding.Pass}
	case certain:
		denies := make([]Deny, 0, len(values))
		for _, v := range values {
			d, err := denyOf(v)
			if err != nil {
				return broken(p.Policy, err)
			}
			denies = append(denies, d)
		}
		return failed(p.Policy, denies)
	default:
		return unknownResult(p.Policy, spots)
	}
}

func unknownResult(p *Policy, spots []blind) Result {
	why := spots[0].why
	return Result{
		Policy: p, Verdict: finding.Unknown, Path: why.name(), Reason: why.reason,
		Message: fmt.Sprintf("%s could not be read (%s)", why.name(), why.reason),
	}
}

// residual asks for data.<package>.<rule>, or for its elements when value is nil,
// with the unknowns unknown, and returns the alternatives under which it holds.
// They may refer to support rules that exist only in the answer; narrow takes
// every reference to one as undecided.
func (ev *evaluator) residual(ctx context.Context, p *compiled, rule string, value *ast.Term, input *ast.Term, unknowns []*ast.Term) ([]ast.Body, error) {
	ref := p.path.Append(ast.StringTerm(rule))
	expr := ast.NewExpr(ast.NewTerm(ref.Append(ast.VarTerm(resultVar))))
	if value != nil {
		expr = ast.Equality.Expr(ast.NewTerm(ref), value)
	}
	cancel, stop := withCancel(ctx)
	defer stop()
	// A namespace of its own: what one partial evaluation generates must not be
	// taken for what another one did.
	bodies, _, err := ev.newQuery(ast.NewBody(expr), input).WithCancel(cancel).WithUnknowns(unknowns).
		WithPartialNamespace(partialNamespace).PartialRun(ctx)
	for i, b := range bodies {
		bodies[i] = ownVariables(b)
	}
	return bodies, err
}

// ownVariables renames the variables that the evaluator generated. It generates the
// same names again when the body is evaluated, and one variable for two values
// would make a condition false that holds.
func ownVariables(body ast.Body) ast.Body {
	out, err := ast.TransformVars(body.Copy(), func(v ast.Var) (ast.Value, error) {
		if v.IsGenerated() || v.IsWildcard() {
			return ast.Var("metsuke_" + strings.TrimPrefix(string(v), ast.WildcardPrefix)), nil
		}
		return v, nil
	})
	if err != nil {
		return body
	}
	if own, ok := out.(ast.Body); ok {
		return own
	}
	return body
}

// resultVar is the variable to which a query binds the elements of deny.
const resultVar = "metsuke_result"

// partialNamespace is the package of the rules that partial evaluation generates.
const partialNamespace = "metsuke_partial"
