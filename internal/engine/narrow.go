package engine

import (
	"context"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/metsuke-dev/metsuke/providers"
)

// state says what is known of whether something holds.
type state int

const (
	impossible state = iota // it does not hold, whatever the unknown is
	open                    // it depends on the unknown
	certain                 // it holds, whatever the unknown is
)

// narrower decides the conditions that partial evaluation left over, with what is
// known of the values that it had to take as unknown. A condition is a conjunction
// of expressions over references into input. Iterations over lists and objects
// whose members are known are written out; an expression in which nothing unknown
// is left is evaluated. One that is false removes its conjunction, and a conjunction
// of which every expression holds makes the answer certain.
type narrower struct {
	ev    *evaluator
	left  *residual
	input *ast.Term
	spots []blind
	// budget bounds the work for one policy on one resource.
	budget *budget
	blamed *blamed // what the conditions that stay open depend on
	depth  int     // of generated rules that refer to generated rules
}

// maxAlternatives bounds how many conjunctions one condition is written out into;
// beyond it the condition stays open.
const maxAlternatives = 4096

// conjunctionSteps is what compiling a conjunction takes, in steps of evaluating one.
const conjunctionSteps = 20

// decide returns what is known of the disjunction of the bodies and, when it is
// certain, the values of resultVar for which it is. The bodies are those of the
// residual: what is prepared for them serves other resources.
func (n narrower) decide(ctx context.Context, bodies []ast.Body) (state, []ast.Value) {
	return n.disjunction(ctx, bodies, true)
}

func (n narrower) disjunction(ctx context.Context, bodies []ast.Body, lasting bool) (state, []ast.Value) {
	if n.left.open {
		return open, nil
	}
	out := impossible
	var values []ast.Value
	for _, b := range bodies {
		alternatives := maxAlternatives
		s, vs := n.settle(ctx, b, lasting, &alternatives)
		out = max(out, s)
		values = append(values, vs...)
	}
	return out, values
}

// settle decides a conjunction as it stands. Where that leaves it open, it is written
// out over the known members of what it iterates, one variable after the other, and
// what has become impossible on the way is not written out further.
func (n narrower) settle(ctx context.Context, body ast.Body, lasting bool, alternatives *int) (state, []ast.Value) {
	s, values := n.conjunction(ctx, body, lasting)
	if s != open {
		return s, values
	}
	variable, members, found := n.iteration(body)
	if !found {
		n.blame(body)
		return open, nil
	}
	out := impossible
	for _, m := range members {
		if *alternatives--; *alternatives < 0 {
			n.blame(body)
			return max(out, open), values
		}
		s, vs := n.settle(ctx, substitute(body, variable, m), false, alternatives)
		out = max(out, s)
		values = append(values, vs...)
	}
	return out, values
}

// conjunction evaluates the expressions that touch nothing unknown, and then decides
// the generated rules among the others.
func (n narrower) conjunction(ctx context.Context, body ast.Body, lasting bool) (state, []ast.Value) {
	if !lasting {
		// What lasts was compiled for another resource, or this one does it for others:
		// which of the two must not decide.
		n.budget.steps -= conjunctionSteps
	}
	if n.budget.spent() {
		return open, nil
	}
	body, ok := n.left.fallbacks.free(n.left.compiler, body)
	if !ok {
		return open, nil
	}
	touching := make([]byte, len(body))
	present := 0
	for i, expr := range body {
		touching[i] = '0'
		if !n.touchesUnknown(expr) {
			continue
		}
		touching[i] = '1'
		switch n.presence(expr) {
		case impossible:
			return impossible, nil
		case certain:
			touching[i] = '2'
			present++
		case open:
		}
	}
	q := n.prepare(body, string(touching), lasting)
	if q.broken {
		return open, nil
	}
	var values []ast.Value
	if len(q.body) > 0 {
		holds := false
		err := n.ev.newQuery(n.left.compiler, q.body, n.input).WithCancel(n.budget).Iter(ctx, func(qr topdown.QueryResult) error {
			holds = true
			if t := qr[resultVar]; t != nil && t.IsGround() {
				values = append(values, t.Value)
			}
			return nil
		})
		switch {
		case err != nil:
			return open, nil
		case !holds:
			return impossible, nil
		}
	}
	settled := q.kept + present
	for i, expr := range body {
		if touching[i] != '1' {
			continue
		}
		switch n.generated(ctx, expr, body) {
		case impossible:
			return impossible, nil
		case certain:
			settled++
		case open:
		}
	}
	if settled < len(body) {
		return open, nil
	}
	return certain, values
}

// presence decides an expression that only asks whether something is null which is
// certainly not, whatever else is unknown of it.
func (n narrower) presence(expr *ast.Expr) state {
	if len(expr.With) > 0 {
		return open
	}
	if t, ok := expr.Terms.(*ast.Term); ok { // given values are texts: none is false
		if n.given(t) {
			return holdsIf(!expr.Negated)
		}
		return open
	}
	operands := expr.Operands()
	if len(operands) != 2 {
		return open
	}
	null := ast.NullTerm()
	if asks := n.given(operands[0]) && null.Equal(operands[1]) || n.given(operands[1]) && null.Equal(operands[0]); !asks {
		return open
	}
	switch op := expr.Operator(); {
	case op.Equal(ast.Equality.Ref()), op.Equal(ast.Equal.Ref()):
		return holdsIf(expr.Negated)
	case op.Equal(ast.NotEqual.Ref()):
		return holdsIf(!expr.Negated)
	}
	return open
}

func holdsIf(yes bool) state {
	if yes {
		return certain
	}
	return impossible
}

// given reports whether a term refers to something unknown that is certainly not null.
func (n narrower) given(t *ast.Term) bool {
	ref, ok := t.Value.(ast.Ref)
	if !ok || !ref.HasPrefix(ast.InputRootRef) {
		return false
	}
	path, _ := inputPath(ref)
	return len(path) == len(ref)-1 && slices.ContainsFunc(n.spots, func(s blind) bool {
		return s.why.reason == providers.Given && slices.Equal(s.why.path, path)
	})
}

// prepared is the part of a conjunction that can be evaluated.
type prepared struct {
	body   ast.Body
	kept   int // expressions of the conjunction
	broken bool
}

// prepare compiles the expressions of a body that touch nothing unknown. For a body
// of the residual it does so once for each set of them.
func (n narrower) prepare(body ast.Body, touching string, lasting bool) prepared {
	type key struct {
		body     *ast.Expr
		touching string
	}
	if len(body) == 0 {
		return prepared{}
	}
	k := key{body[0], touching}
	if lasting {
		if q, ok := n.left.prepared.Load(k); ok {
			return q.(prepared)
		}
	}
	var known ast.Body
	for i, expr := range body {
		if touching[i] == '0' {
			known = append(known, expr) // not Append: others read the expression meanwhile
		}
	}
	known = n.bound(known, body)
	out := prepared{kept: len(known)}
	if len(known) > 0 {
		q, err := n.left.compiler.QueryCompiler().Compile(ast.NewBody(known.Copy()...))
		out.body, out.broken = q, err != nil
	}
	if lasting {
		n.left.prepared.Store(k, out)
	}
	return out
}

// bound returns those of the known expressions of a body whose variables get their
// values from known expressions. What needs a variable that only something unknown
// binds is left out: the rest can still be false, and with it the conjunction. A
// variable within a comprehension belongs to the body where it occurs elsewhere too.
func (n narrower) bound(known, body ast.Body) ast.Body {
	occurs := map[ast.Var]int{}
	for _, expr := range body {
		for v := range expr.Vars(ast.VarVisitorParams{SkipRefCallHead: true}) {
			occurs[v]++
		}
	}
	safe := ast.ReservedVars.Copy()
	kept := make([]bool, len(known))
	for progress := true; progress; {
		progress = false
		for i, expr := range known {
			if kept[i] {
				continue
			}
			needs := expr.Vars(ast.VarVisitorParams{SkipRefCallHead: true, SkipClosures: true})
			for v := range expr.Vars(ast.VarVisitorParams{SkipRefCallHead: true}) {
				if occurs[v] > 1 {
					needs.Add(v)
				}
			}
			gives := ast.OutputVarsFromExpr(n.left.compiler, expr, safe)
			if len(needs.Diff(gives).Diff(safe)) == 0 {
				kept[i], progress = true, true
				safe.Update(gives)
			}
		}
	}
	var out ast.Body
	for i, expr := range known {
		if kept[i] {
			out = append(out, expr)
		}
	}
	return out
}

// touchesUnknown reports whether the value of an expression may depend on
// something unknown: it refers to an unknown path, above or below it, or to a rule
// that may read one.
func (n narrower) touchesUnknown(expr *ast.Expr) bool { return n.touches(expr, map[string]bool{}) }

func (n narrower) touches(node any, seen map[string]bool) bool {
	touches := false
	ast.WalkRefs(node, func(r ast.Ref) bool {
		if !touches {
			switch {
			case r[0].Equal(ast.InputRootDocument):
				touches = n.overlaps(r)
			case r[0].Equal(ast.DefaultRootDocument):
				touches = n.ruleTouches(r, seen)
			}
		}
		return touches
	})
	return touches
}

func (n narrower) ruleTouches(r ast.Ref, seen map[string]bool) bool {
	if len(r) > 2 && r[1].Equal(ast.StringTerm(root)) && r[2].Equal(ast.StringTerm("lib")) {
		return false // libraries never read input: Load sees to it
	}
	ref := r.ConstantPrefix()
	if seen[ref.String()] {
		return false
	}
	seen[ref.String()] = true
	rules := n.left.compiler.GetRules(ref)
	return len(rules) == 0 || slices.ContainsFunc(rules, func(rule *ast.Rule) bool { return n.touches(rule, seen) })
}

// maxDepth bounds how deep generated rules may refer to generated rules.
const maxDepth = 8

// generated decides an expression that is nothing but a rule which partial
// evaluation generated, or its negation: what stands below a "not" becomes one. The
// body is the conjunction around it.
func (n narrower) generated(ctx context.Context, expr *ast.Expr, around ast.Body) state {
	var ref ast.Ref
	var args []*ast.Term
	switch t := expr.Terms.(type) {
	case *ast.Term:
		ref, _ = t.Value.(ast.Ref)
	case []*ast.Term:
		ref, _ = t[0].Value.(ast.Ref)
		args = t[1:]
	}
	rules := n.left.support[ref.String()]
	if len(rules) == 0 || len(expr.With) > 0 || n.depth == maxDepth {
		return open
	}
	deeper := n
	deeper.depth++
	out := impossible
	for _, r := range rules {
		if r.Default || r.Else != nil || len(r.Head.Args) != len(args) || !ast.BooleanTerm(true).Equal(r.Head.Value) {
			return open
		}
		body := r.Body
		if len(args) > 0 {
			body = body.Copy()
		}
		for i, arg := range args {
			if arg = boundTo(arg, around); !arg.IsGround() {
				return open // it depends on a variable of the caller
			}
			body.Append(ast.Equality.Expr(r.Head.Args[i], arg))
		}
		s, _ := deeper.disjunction(ctx, []ast.Body{body}, len(args) == 0)
		out = max(out, s)
	}
	if !expr.Negated {
		return out
	}
	switch out {
	case impossible:
		return certain
	case certain:
		return impossible
	default:
		return open
	}
}

// boundTo returns the ground term that the conjunction makes a variable equal to, such
// as input.rules[0] of rule = input.rules[0], and everything else as it is.
func boundTo(t *ast.Term, around ast.Body) *ast.Term {
	if _, ok := t.Value.(ast.Var); !ok {
		return t
	}
	for _, expr := range around {
		if expr.Negated || !expr.IsEquality() {
			continue
		}
		for i, side := range expr.Operands() {
			if other := expr.Operand(1 - i); side.Equal(t) && other.IsGround() {
				return other
			}
		}
	}
	return t
}

// overlaps reports whether a reference below input may lead to something unknown,
// above or below it. A step that is a variable may be any: rules[i].cidrs does not
// meet rules.0.peer, rules[i] does.
func (n narrower) overlaps(ref ast.Ref) bool {
	return slices.ContainsFunc(n.spots, func(s blind) bool {
		for i, t := range ref[1:min(len(ref), len(s.why.path)+1)] {
			if step, _ := inputPath(ast.Ref{ref[0], t}); len(step) > 0 && step[0] != s.why.path[i] {
				return false
			}
		}
		return true
	})
}

// iteration finds a variable that ranges over the members of a known list or
// object: input.a.b[variable], not below a negation or in a comprehension.
func (n narrower) iteration(body ast.Body) (ast.Var, []*ast.Term, bool) {
	for _, expr := range body {
		if expr.Negated {
			continue
		}
		var terms []*ast.Term
		switch t := expr.Terms.(type) {
		case *ast.Term:
			terms = []*ast.Term{t}
		case []*ast.Term:
			terms = t[1:]
		}
		for _, t := range terms {
			ref, ok := t.Value.(ast.Ref)
			if !ok || !ref[0].Equal(ast.InputRootDocument) {
				continue
			}
			for i := 1; i < len(ref); i++ {
				v, isVar := ref[i].Value.(ast.Var)
				if !isVar {
					continue
				}
				path, _ := inputPath(ref[:i])
				if n.isUnknown(path) {
					break
				}
				members, ok := membersOf(n.input, ref[1:i])
				if !ok {
					break
				}
				return v, members, true
			}
		}
	}
	return "", nil, false
}

// isUnknown reports whether the whole of the path is unknown.
func (n narrower) isUnknown(path []string) bool {
	for _, s := range n.spots {
		if hasPrefix(path, s.why.path) {
			return true
		}
	}
	return false
}

// membersOf returns the indices or keys of the list or object at a path. Something
// else has no members; a path that leads nowhere has none either.
func membersOf(input *ast.Term, path ast.Ref) ([]*ast.Term, bool) {
	v, err := input.Value.Find(path)
	if err != nil {
		return nil, true
	}
	switch v := v.(type) {
	case *ast.Array:
		out := make([]*ast.Term, v.Len())
		for i := range out {
			out[i] = ast.IntNumberTerm(i)
		}
		return out, true
	case ast.Object:
		// The resources of a joined type can be very many, and which of them is meant is
		// what is not known: writing all of them out seldom settles anything.
		if path[0].Equal(ast.StringTerm("related")) && v.Len() > maxJoined {
			return nil, false
		}
		return v.Keys(), true
	case ast.Set:
		return nil, false
	}
	return nil, true
}

// maxJoined bounds how many joined resources a condition is written out over.
const maxJoined = 32

func substitute(body ast.Body, variable ast.Var, value *ast.Term) ast.Body {
	out, err := ast.TransformVars(body.Copy(), func(v ast.Var) (ast.Value, error) {
		if v == variable {
			return value.Value, nil
		}
		return v, nil
	})
	if err != nil {
		return body
	}
	return out.(ast.Body)
}
