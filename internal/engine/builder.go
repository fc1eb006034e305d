package engine

import (
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/ir"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// builder turns the statements of one function into steps.
type builder struct {
	code   *code
	static *ir.Static
	fn     *function
	// known is what the local variables are known to hold at this place.
	known knowledge
	// ahead is what may run after this place: first the rest of the block, then what follows
	// the blocks that it is in.
	ahead [][]ir.Stmt
}

func newBuilder(c *code, static *ir.Static, fn *function) *builder {
	return &builder{code: c, static: static, fn: fn}
}

func (b *builder) function(f *ir.Func) {
	fn := b.fn
	if len(f.Params) > 0 {
		b.known.set(f.Params[0], &origin{path: []string{}})
		if slices.ContainsFunc(f.Blocks, func(block *ir.Block) bool { return b.uses(block.Stmts, f.Params[0]) }) {
			b.refuse(f) // input as a whole
		}
	}
	for _, p := range f.Params {
		fn.params = append(fn.params, b.local(p))
	}
	fn.result = b.local(f.Return)
	for i, block := range f.Blocks {
		b.ahead = [][]ir.Stmt{{&ir.ReturnLocalStmt{Source: f.Return}}}
		for _, later := range f.Blocks[i+1:] {
			b.ahead = append(b.ahead, later.Stmts)
		}
		fn.blocks = append(fn.blocks, b.block(block))
	}
	fn.locals++
	fn.yes = saysYes(f)
}

// saysYes reports whether a function has no other value than true.
func saysYes(f *ir.Func) bool {
	always := map[ir.Local]bool{f.Return: true} // locals that must hold nothing but true
	yes := true
	for changed := true; changed && yes; {
		changed = false
		each := func(s ir.Stmt) {
			var source ir.Val
			targets(s, func(l ir.Local) {
				if !always[l] {
					return
				}
				switch s := s.(type) {
				case *ir.ResetLocalStmt:
					return
				case *ir.AssignVarOnceStmt:
					source = s.Source.Value
				case *ir.AssignVarStmt:
					source = s.Source.Value
				}
				switch v := source.(type) {
				case ir.Bool:
					yes = yes && bool(v)
				case ir.Local:
					changed = changed || !always[v]
					always[v] = true
				default:
					yes = false
				}
			})
		}
		for _, b := range f.Blocks {
			eachStmt(b, each)
		}
	}
	return yes
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
		t := b.code.text(b.static.Strings[v].Value)
		b.fn.constants = append(b.fn.constants, t)
		return operand{term: t}
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
	// What is learnt in a block holds until its end, and what it assigns is not
	// known after it.
	outer := slices.Clone(b.known)
	out := make([]step, 0, len(block.Stmts))
	for i, s := range block.Stmts {
		b.ahead = append(b.ahead, block.Stmts[i+1:])
		if st := b.step(s); st != nil {
			out = append(out, st)
		}
		b.ahead = b.ahead[:len(b.ahead)-1]
	}
	b.known = outer
	b.forget(block)
	return out
}

// forget drops what is known of the locals that a block assigns.
func (b *builder) forget(block *ir.Block) {
	eachStmt(block, func(s ir.Stmt) { targets(s, b.known.forget) })
}

func (b *builder) step(s ir.Stmt) step {
	if d, ok := s.(*ir.DotStmt); ok {
		return b.dot(d)
	}
	targets(s, b.known.forget)
	switch s := s.(type) {
	case *ir.NopStmt:
		return nil
	case *ir.ReturnLocalStmt:
		return &returning{b.local(s.Source)}
	case *ir.BlockStmt:
		var blocks [][]step
		for _, inner := range s.Blocks {
			blocks = append(blocks, b.block(inner))
		}
		return &nested{blocks}
	case *ir.BreakStmt:
		return &breaking{signal(s.Index)}
	case *ir.CallStmt:
		return b.call(s)
	case *ir.LenStmt:
		return &length{b.operand(s.Source), b.local(s.Target)}
	case *ir.ScanStmt:
		b.forget(s.Block)
		b.ahead = append(b.ahead, s.Block.Stmts) // with the next element
		defer func() { b.ahead = b.ahead[:len(b.ahead)-1] }()
		return &scan{b.local(s.Source), b.local(s.Key), b.local(s.Value), b.block(s.Block)}
	case *ir.NotStmt:
		return b.not(s)
	case *ir.AssignVarStmt:
		return &assign{b.operand(s.Source), b.local(s.Target)}
	case *ir.AssignVarOnceStmt:
		return &assignOnce{b.operand(s.Source), b.local(s.Target)}
	case *ir.AssignIntStmt:
		return b.constant(ast.NewTerm(ast.Number(fmt.Sprint(s.Value))), s.Target)
	case *ir.MakeNumberIntStmt:
		return b.constant(ast.NewTerm(ast.Number(fmt.Sprint(s.Value))), s.Target)
	case *ir.MakeNumberRefStmt:
		return b.constant(ast.NewTerm(ast.Number(b.static.Strings[s.Index].Value)), s.Target)
	case *ir.MakeNullStmt:
		return b.constant(ast.NullTerm(), s.Target)
	case *ir.ResetLocalStmt:
		return &reset{b.local(s.Target)}
	case *ir.IsDefinedStmt:
		return &defined{b.local(s.Source)}
	case *ir.IsUndefinedStmt:
		return &undefined{b.local(s.Source)}
	case *ir.EqualStmt:
		return &equality{b.operand(s.A), b.operand(s.B), true}
	case *ir.NotEqualStmt:
		return &equality{b.operand(s.A), b.operand(s.B), false}
	default:
		return b.collection(s)
	}
}

// collection builds the steps about arrays, objects and sets.
func (b *builder) collection(s ir.Stmt) step {
	switch s := s.(type) {
	case *ir.MakeArrayStmt:
		return &makeArray{b.local(s.Target)}
	case *ir.MakeObjectStmt:
		return &makeObject{b.local(s.Target)}
	case *ir.MakeSetStmt:
		return &makeSet{b.local(s.Target)}
	case *ir.ArrayAppendStmt:
		return &arrayAppend{b.operand(s.Value), b.local(s.Array)}
	case *ir.SetAddStmt:
		return &setAdd{b.operand(s.Value), b.local(s.Set)}
	case *ir.ObjectInsertStmt:
		return &objectInsert{b.operand(s.Key), b.operand(s.Value), b.local(s.Object), false}
	case *ir.ObjectInsertOnceStmt:
		return &objectInsert{b.operand(s.Key), b.operand(s.Value), b.local(s.Object), true}
	case *ir.IsArrayStmt:
		return &isArray{b.operand(s.Source)}
	case *ir.IsObjectStmt:
		return &isObject{b.operand(s.Source)}
	case *ir.IsSetStmt:
		return &isSet{b.operand(s.Source)}
	default:
		// WithStmt, CallDynamicStmt, ObjectMergeStmt, ResultSetAddStmt: no policy needs
		// them so often that it pays.
		b.refuse(s)
		return nil
	}
}

func (b *builder) constant(t *ast.Term, target ir.Local) step {
	b.fn.constants = append(b.fn.constants, t)
	return &assign{operand{term: t}, b.local(target)}
}

// not builds a negation. A condition variable that says whether its body held is
// reset, as the plan of a negation in a loop does not.
func (b *builder) not(s *ir.NotStmt) step {
	n := &negation{body: b.block(s.Block), reset: noLocal}
	if len(n.body) > 0 {
		if d, ok := n.body[len(n.body)-1].(*defined); ok {
			n.reset = d.local
		}
	}
	return n
}

func (b *builder) call(s *ir.CallStmt) step {
	args := make([]operand, 0, len(s.Args))
	for _, a := range s.Args {
		args = append(args, b.operand(a))
	}
	if fn := b.code.declared(s.Func); fn != nil {
		b.fn.calls = append(b.fn.calls, fn)
		return &call{fn, args[2:], b.local(s.Result)} // without input and data
	}
	builtin := builtinOf(s.Func)
	if builtin == nil {
		b.refuse(s)
		return nil
	}
	return &callBuiltin{s.Func, builtin, args, b.local(s.Result)}
}

// builtinOf returns the builtin of a name; nil where there is none that the machine may call.
func builtinOf(name string) topdown.BuiltinFunc {
	decl := ast.BuiltinMap[name]
	if decl == nil || decl.Relation || decl.IsNondeterministic() || decl.Decl.Result() == nil {
		return nil
	}
	return topdown.GetBuiltin(name)
}
