package engine

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/ir"
)

// origin is where the value of a local variable comes from: a path below input.
type origin struct{ path []string }

// dot builds the step that looks something up. Below input that is one step from the
// resource to the value, whatever lies between.
func (b *builder) dot(s *ir.DotStmt) step {
	target := b.local(s.Target)
	from, ok := s.Source.Value.(ir.Local)
	key, constant := s.Key.Value.(ir.StringIndex)
	var o *origin
	if ok {
		o = b.known.at(from)
	}
	if !constant || o == nil {
		st := &dot{b.operand(s.Source), b.operand(s.Key), target}
		b.known.forget(s.Target)
		return st
	}
	path := append(slices.Clip(o.path), b.static.Strings[key].Value)
	b.known.set(s.Target, &origin{path})
	value := b.needed(s.Target)
	switch {
	case !value && alwaysThere(path):
		return nil
	case isSetting(path) && !value:
		return b.code.settled(&setting{path: path, target: noLocal})
	case isSetting(path):
		return b.code.settled(&setting{path: path, target: target})
	}
	in := b.code.input(path)
	b.fn.inputs = b.fn.inputs.union(inputs{in})
	if value {
		return &load{in, target}
	}
	return &present{in}
}

// alwaysThere reports whether there is a value at a path below input, whatever the
// resource and the settings are.
func alwaysThere(path []string) bool {
	return len(path) == 1 || len(path) == 2 && (path[0] == "params" || path[1] == "attributes")
}

func field(t *ast.Term, name string) *ast.Term {
	if o, ok := t.Value.(ast.Object); ok {
		return o.Get(ast.StringTerm(name))
	}
	return nil
}

// knowledge is what locals are known to hold, by local; nil is not known.
type knowledge []*origin

func (k knowledge) at(l ir.Local) *origin {
	if int(l) < len(k) {
		return k[l]
	}
	return nil
}

func (k *knowledge) set(l ir.Local, o *origin) {
	if n := int(l) + 1; n > len(*k) {
		*k = append(*k, make(knowledge, n-len(*k))...)
	}
	(*k)[l] = o
}

func (k knowledge) forget(l ir.Local) {
	if int(l) < len(k) {
		k[l] = nil
	}
}

// needed reports whether what comes may use the value of a local that is assigned here,
// and not only look up a constant key in it. What is known of a local is forgotten at the
// end of the block, so that after it every use is one of the value.
func (b *builder) needed(l ir.Local) bool {
	last := len(b.ahead) - 1
	return b.uses(b.ahead[last], l) || slices.ContainsFunc(b.ahead[:last], func(after []ir.Stmt) bool { return touches(after, l) })
}

// uses reports whether statements use the value of a local before they assign it.
func (b *builder) uses(stmts []ir.Stmt, l ir.Local) bool {
	return used(stmts, l, func(s ir.Stmt, operands []ir.Val, i int) bool { return !b.passing(s, operands, i) })
}

// touches reports whether statements use a local, in whatever way, before they assign it.
func touches(stmts []ir.Stmt, l ir.Local) bool {
	return used(stmts, l, func(ir.Stmt, []ir.Val, int) bool { return true })
}

// used reports whether statements use a local in a way that counts before they assign it.
func used(stmts []ir.Stmt, l ir.Local, counts func(s ir.Stmt, operands []ir.Val, i int) bool) bool {
	var buf []ir.Val
	for _, s := range stmts {
		buf = operands(buf[:0], s)
		for i, v := range buf {
			if v == l && counts(s, buf, i) {
				return true
			}
		}
		assigned := false
		targets(s, func(t ir.Local) { assigned = assigned || t == l })
		loop, isLoop := s.(*ir.ScanStmt)
		switch {
		case isLoop && !assigned:
			if used(loop.Block.Stmts, l, counts) {
				return true
			}
		case isLoop: // only where there is an element
		case assigned:
			return false
		default:
			for _, inner := range blocksIn(s) {
				if inner != nil && used(inner.Stmts, l, counts) {
					return true
				}
			}
		}
	}
	return false
}

// passing reports whether the i-th operand of a statement is only on the way to
// something: looked up in by a constant key, or input and data, which every function gets.
func (b *builder) passing(s ir.Stmt, operands []ir.Val, i int) bool {
	switch s := s.(type) {
	case *ir.DotStmt:
		_, constant := operands[1].(ir.StringIndex)
		return i == 0 && constant
	case *ir.CallStmt:
		l, _ := operands[i].(ir.Local)
		return i < 2 && int(l) == i && b.code.declared(s.Func) != nil
	}
	return false
}

// targets calls f with the locals that a statement itself assigns.
func targets(s ir.Stmt, f func(ir.Local)) {
	switch s := s.(type) {
	case *ir.CallStmt:
		f(s.Result)
	case *ir.CallDynamicStmt:
		f(s.Result)
	case *ir.DotStmt:
		f(s.Target)
	case *ir.LenStmt:
		f(s.Target)
	case *ir.ScanStmt:
		f(s.Key)
		f(s.Value)
	case *ir.AssignVarStmt:
		f(s.Target)
	case *ir.AssignVarOnceStmt:
		f(s.Target)
	case *ir.AssignIntStmt:
		f(s.Target)
	case *ir.ResetLocalStmt:
		f(s.Target)
	case *ir.MakeNullStmt:
		f(s.Target)
	case *ir.MakeNumberIntStmt:
		f(s.Target)
	case *ir.MakeNumberRefStmt:
		f(s.Target)
	case *ir.MakeArrayStmt:
		f(s.Target)
	case *ir.MakeObjectStmt:
		f(s.Target)
	case *ir.MakeSetStmt:
		f(s.Target)
	case *ir.ObjectMergeStmt:
		f(s.Target)
	case *ir.WithStmt:
		f(s.Local)
	}
}

// operands adds what a statement itself uses to out. The source of a DotStmt and the
// arguments of a CallStmt come first.
func operands(out []ir.Val, s ir.Stmt) []ir.Val {
	switch s := s.(type) {
	case *ir.ReturnLocalStmt:
		return append(out, s.Source)
	case *ir.CallStmt:
		for _, a := range s.Args {
			out = append(out, a.Value)
		}
	case *ir.CallDynamicStmt:
		for _, a := range s.Args {
			out = append(out, a)
		}
	case *ir.DotStmt:
		return append(out, s.Source.Value, s.Key.Value)
	case *ir.LenStmt:
		return append(out, s.Source.Value)
	case *ir.ScanStmt:
		return append(out, s.Source)
	case *ir.AssignVarStmt:
		return append(out, s.Source.Value)
	case *ir.AssignVarOnceStmt:
		return append(out, s.Source.Value, s.Target)
	case *ir.EqualStmt:
		return append(out, s.A.Value, s.B.Value)
	case *ir.NotEqualStmt:
		return append(out, s.A.Value, s.B.Value)
	case *ir.IsArrayStmt:
		return append(out, s.Source.Value)
	case *ir.IsObjectStmt:
		return append(out, s.Source.Value)
	case *ir.IsSetStmt:
		return append(out, s.Source.Value)
	case *ir.IsDefinedStmt:
		return append(out, s.Source)
	case *ir.IsUndefinedStmt:
		return append(out, s.Source)
	case *ir.ArrayAppendStmt:
		return append(out, s.Value.Value, s.Array)
	case *ir.SetAddStmt:
		return append(out, s.Value.Value, s.Set)
	case *ir.ObjectInsertStmt:
		return append(out, s.Key.Value, s.Value.Value, s.Object)
	case *ir.ObjectInsertOnceStmt:
		return append(out, s.Key.Value, s.Value.Value, s.Object)
	case *ir.ObjectMergeStmt:
		return append(out, s.A, s.B)
	case *ir.WithStmt:
		return append(out, s.Local, s.Value.Value)
	case *ir.ResultSetAddStmt:
		return append(out, s.Value)
	}
	return out
}

// eachStmt visits the statements of a block and of those in it.
func eachStmt(block *ir.Block, f func(ir.Stmt)) {
	if block == nil {
		return
	}
	for _, s := range block.Stmts {
		f(s)
		for _, inner := range blocksIn(s) {
			eachStmt(inner, f)
		}
	}
}

// blocksIn returns the blocks that a statement holds.
func blocksIn(s ir.Stmt) []*ir.Block {
	switch s := s.(type) {
	case *ir.BlockStmt:
		return s.Blocks
	case *ir.ScanStmt:
		return []*ir.Block{s.Block}
	case *ir.NotStmt:
		return []*ir.Block{s.Block}
	case *ir.WithStmt:
		return []*ir.Block{s.Block}
	}
	return nil
}
