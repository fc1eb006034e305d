package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/ir"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// program is the policies of a type as OPA's planner compiles them, an imperative
// plan of calls, loops and comparisons, made ready to be run in Go. It gives the
// same answers as topdown, OPA's evaluator, several times faster; the tests compare
// the two. Whatever it cannot do, topdown does: a policy that needs a statement that
// is not implemented here has no entry, and an evaluation that ends in an error is
// repeated there.
type program struct {
	funcs    []*function
	entries  []entry // of the policies, in their order
	memos    int     // functions whose result is kept during an evaluation
	machines sync.Pool
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
	memo   int // index of the kept result, -1 for a function with arguments
	// unsupported says why it cannot be run here, "" when it can.
	unsupported string
	calls       []*function
}

// plan compiles the evaluator's query into a program.
func (ev *evaluator) plan(ctx context.Context) (*program, error) {
	policy, err := planned(ctx, ev.compiler, ev.raw)
	if err != nil {
		return nil, err
	}
	b := builder{policy: policy, byName: map[string]*function{}}
	pr := &program{}
	if policy.Funcs != nil {
		for _, f := range policy.Funcs.Funcs {
			fn := &function{name: f.Name, memo: -1}
			if len(f.Params) == 2 {
				fn.memo = pr.memos
				pr.memos++
			}
			b.byName[f.Name] = fn
			pr.funcs = append(pr.funcs, fn)
		}
		for i, f := range policy.Funcs.Funcs {
			b.function(pr.funcs[i], f)
		}
	}
	spread(pr.funcs)
	for _, p := range ev.policies {
		var e entry
		if f := b.byName["g0."+p.path.String()+".deny"]; f != nil && f.unsupported == "" {
			e.deny = f
		}
		if p.Applicable {
			f := b.byName["g0."+p.path.String()+".applicable"]
			if f == nil || f.unsupported != "" {
				e.deny = nil
			}
			e.applicable = f
		}
		pr.entries = append(pr.entries, e)
	}
	pr.machines.New = func() any { return newMachine(pr) }
	return pr, nil
}

// spread marks what calls something unsupported as unsupported.
func spread(funcs []*function) {
	for changed := true; changed; {
		changed = false
		for _, f := range funcs {
			i := slices.IndexFunc(f.calls, func(c *function) bool { return c.unsupported != "" })
			if f.unsupported == "" && i >= 0 {
				f.unsupported, changed = f.calls[i].unsupported, true
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

// builder turns the statements of a plan into steps.
type builder struct {
	policy *ir.Policy
	byName map[string]*function
	fn     *function
}

func (b *builder) function(fn *function, f *ir.Func) {
	b.fn = fn
	for _, p := range f.Params {
		fn.params = append(fn.params, b.local(p))
	}
	fn.result = b.local(f.Return)
	for _, block := range f.Blocks {
		fn.blocks = append(fn.blocks, b.block(block))
	}
	fn.locals++
}

// local notes the highest local of the function.
func (b *builder) local(l ir.Local) int {
	b.fn.locals = max(b.fn.locals, int(l))
	return int(l)
}

// operand is a local variable or, where term is not nil, a constant.
type operand struct {
	local int
	term  *ast.Term
}

func (b *builder) operand(o ir.Operand) operand {
	switch v := o.Value.(type) {
	case ir.Local:
		return operand{local: b.local(v)}
	case ir.StringIndex:
		return operand{term: ast.StringTerm(b.policy.Static.Strings[v].Value)}
	case ir.Bool:
		return operand{term: ast.InternedTerm(bool(v))}
	}
	b.refuse(o.Value)
	return operand{}
}

func (b *builder) refuse(what any) { b.fn.unsupported = fmt.Sprintf("%s: %T", b.fn.name, what) }

func (b *builder) block(block *ir.Block) []step {
	if block == nil {
		return nil
	}
	out := make([]step, 0, len(block.Stmts))
	for _, s := range block.Stmts {
		if st := b.step(s); st != nil {
			out = append(out, st)
		}
	}
	return out
}

func (b *builder) step(s ir.Stmt) step {
	switch s := s.(type) {
	case *ir.NopStmt:
		return nil
	case *ir.ReturnLocalStmt:
		return returning{b.local(s.Source)}
	case *ir.BlockStmt:
		var blocks [][]step
		for _, inner := range s.Blocks {
			blocks = append(blocks, b.block(inner))
		}
		return nested{blocks}
	case *ir.BreakStmt:
		return breaking{signal(s.Index)}
	case *ir.CallStmt:
		return b.call(s)
	case *ir.DotStmt:
		return dot{b.operand(s.Source), b.operand(s.Key), b.local(s.Target)}
	case *ir.LenStmt:
		return length{b.operand(s.Source), b.local(s.Target)}
	case *ir.ScanStmt:
		return scan{b.local(s.Source), b.local(s.Key), b.local(s.Value), b.block(s.Block)}
	case *ir.NotStmt:
		return b.not(s)
	case *ir.AssignVarStmt:
		return assign{b.operand(s.Source), b.local(s.Target)}
	case *ir.AssignVarOnceStmt:
		return assignOnce{b.operand(s.Source), b.local(s.Target)}
	case *ir.AssignIntStmt:
		return b.constant(ast.NewTerm(ast.Number(fmt.Sprint(s.Value))), s.Target)
	case *ir.MakeNumberIntStmt:
		return b.constant(ast.NewTerm(ast.Number(fmt.Sprint(s.Value))), s.Target)
	case *ir.MakeNumberRefStmt:
		return b.constant(ast.NewTerm(ast.Number(b.policy.Static.Strings[s.Index].Value)), s.Target)
	case *ir.MakeNullStmt:
		return b.constant(ast.NullTerm(), s.Target)
	case *ir.ResetLocalStmt:
		return reset{b.local(s.Target)}
	case *ir.IsDefinedStmt:
		return defined{b.local(s.Source)}
	case *ir.IsUndefinedStmt:
		return undefined{b.local(s.Source)}
	case *ir.EqualStmt:
		return equality{b.operand(s.A), b.operand(s.B), true}
	case *ir.NotEqualStmt:
		return equality{b.operand(s.A), b.operand(s.B), false}
	default:
		return b.collection(s)
	}
}

// collection builds the steps about arrays, objects and sets.
func (b *builder) collection(s ir.Stmt) step {
	switch s := s.(type) {
	case *ir.MakeArrayStmt:
		return makeArray{b.local(s.Target)}
	case *ir.MakeObjectStmt:
		return makeObject{b.local(s.Target)}
	case *ir.MakeSetStmt:
		return makeSet{b.local(s.Target)}
	case *ir.ArrayAppendStmt:
		return arrayAppend{b.operand(s.Value), b.local(s.Array)}
	case *ir.SetAddStmt:
		return setAdd{b.operand(s.Value), b.local(s.Set)}
	case *ir.ObjectInsertStmt:
		return objectInsert{b.operand(s.Key), b.operand(s.Value), b.local(s.Object), false}
	case *ir.ObjectInsertOnceStmt:
		return objectInsert{b.operand(s.Key), b.operand(s.Value), b.local(s.Object), true}
	case *ir.IsArrayStmt:
		return isArray{b.operand(s.Source)}
	case *ir.IsObjectStmt:
		return isObject{b.operand(s.Source)}
	case *ir.IsSetStmt:
		return isSet{b.operand(s.Source)}
	default:
		// WithStmt, CallDynamicStmt, ObjectMergeStmt, ResultSetAddStmt: no policy needs
		// them so often that it pays.
		b.refuse(s)
		return nil
	}
}

func (b *builder) constant(t *ast.Term, target ir.Local) step {
	return assign{operand{term: t}, b.local(target)}
}

// not builds a negation. A condition variable that says whether its body held is
// reset, as the plan of a negation in a loop does not.
func (b *builder) not(s *ir.NotStmt) step {
	n := negation{body: b.block(s.Block), clear: -1}
	if len(n.body) > 0 {
		if d, ok := n.body[len(n.body)-1].(defined); ok {
			n.clear = d.local
		}
	}
	return n
}

func (b *builder) call(s *ir.CallStmt) step {
	args := make([]operand, 0, len(s.Args))
	for _, a := range s.Args {
		args = append(args, b.operand(a))
	}
	if fn := b.byName[s.Func]; fn != nil {
		b.fn.calls = append(b.fn.calls, fn)
		return call{fn, args, b.local(s.Result)}
	}
	decl, builtin := ast.BuiltinMap[s.Func], topdown.GetBuiltin(s.Func)
	if decl == nil || builtin == nil || decl.Relation || decl.IsNondeterministic() || decl.Decl.Result() == nil {
		b.refuse(s)
		return nil
	}
	return callBuiltin{builtin, args, b.local(s.Result)}
}
