package engine

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/ir"
)

// origin is where the value of a local variable comes from: a path below input, or a
// constant.
type origin struct {
	path []string
	term *ast.Term
}

// dot builds the step that looks something up. Below input that is one step from the
// resource to the value, whatever lies between; what is the same for all resources,
// such as parameters, is looked up now.
func (b *builder) dot(s *ir.DotStmt) step {
	target := b.local(s.Target)
	from, ok := s.Source.Value.(ir.Local)
	key, constant := s.Key.Value.(ir.StringIndex)
	o, known := b.known[int(from)]
	if !ok || !constant || !known {
		st := dot{b.operand(s.Source), b.operand(s.Key), target}
		delete(b.known, target)
		return st
	}
	name := b.policy.Static.Strings[key].Value
	if o.term == nil {
		o = b.below(append(slices.Clone(o.path), name))
	} else if o.term = field(o.term, name); o.term == nil {
		delete(b.known, target)
		return breaking{undef}
	}
	b.known[target] = o
	switch {
	case o.term != nil && b.values[target]:
		return assign{operand{term: o.term}, target}
	case o.term != nil:
		return nil
	}
	if path := o.path; !b.values[target] && (len(path) == 1 || len(path) == 2 && path[1] == "attributes") {
		return nil // always there
	}
	b.fn.reads = true
	if b.values[target] {
		return load{b.slot(o.path), target}
	}
	return present{b.slot(o.path)}
}

// below is what a path below input leads to.
func (b *builder) below(path []string) origin {
	switch strings.Join(path, ".") {
	case "params":
		return origin{term: b.ev.session.params}
	case "now":
		return origin{term: b.ev.session.now}
	case "resource.type":
		return origin{term: ast.StringTerm(string(b.ev.typ))}
	}
	return origin{path: path}
}

func field(t *ast.Term, name string) *ast.Term {
	if o, ok := t.Value.(ast.Object); ok {
		return o.Get(ast.StringTerm(name))
	}
	return nil
}

func (b *builder) slot(path []string) int {
	key := strings.Join(path, "\x00")
	if i, ok := b.slots[key]; ok {
		return i
	}
	b.slots[key] = len(b.pr.slots)
	b.pr.slots = append(b.pr.slots, path)
	return b.slots[key]
}

// valuesOf returns the locals of a function whose value some statement needs: all
// that are used, but for looking up a constant key.
func (b *builder) valuesOf(f *ir.Func) map[int]bool {
	out := map[int]bool{int(f.Return): true}
	for _, block := range f.Blocks {
		eachStmt(block, func(s ir.Stmt) {
			for i, v := range operands(s) {
				l, local := v.(ir.Local)
				if d, isDot := s.(*ir.DotStmt); isDot && i == 0 {
					if _, constant := d.Key.Value.(ir.StringIndex); constant {
						continue
					}
				}
				if c, isCall := s.(*ir.CallStmt); isCall && i < 2 && b.byName[c.Func] != nil && v == ir.Val(ir.Local(i)) {
					continue // input and data, which every function gets
				}
				if local {
					out[int(l)] = true
				}
			}
		})
	}
	return out
}

// targets returns the locals that a statement itself assigns.
func targets(s ir.Stmt) []ir.Local {
	switch s := s.(type) {
	case *ir.CallStmt:
		return []ir.Local{s.Result}
	case *ir.CallDynamicStmt:
		return []ir.Local{s.Result}
	case *ir.DotStmt:
		return []ir.Local{s.Target}
	case *ir.LenStmt:
		return []ir.Local{s.Target}
	case *ir.ScanStmt:
		return []ir.Local{s.Key, s.Value}
	case *ir.AssignVarStmt:
		return []ir.Local{s.Target}
	case *ir.AssignVarOnceStmt:
		return []ir.Local{s.Target}
	case *ir.AssignIntStmt:
		return []ir.Local{s.Target}
	case *ir.ResetLocalStmt:
		return []ir.Local{s.Target}
	case *ir.MakeNullStmt:
		return []ir.Local{s.Target}
	case *ir.MakeNumberIntStmt:
		return []ir.Local{s.Target}
	case *ir.MakeNumberRefStmt:
		return []ir.Local{s.Target}
	case *ir.MakeArrayStmt:
		return []ir.Local{s.Target}
	case *ir.MakeObjectStmt:
		return []ir.Local{s.Target}
	case *ir.MakeSetStmt:
		return []ir.Local{s.Target}
	case *ir.ObjectMergeStmt:
		return []ir.Local{s.Target}
	case *ir.WithStmt:
		return []ir.Local{s.Local}
	}
	return nil
}

// operands returns what a statement itself uses. The source of a DotStmt and the
// arguments of a CallStmt come first.
func operands(s ir.Stmt) []ir.Val {
	switch s := s.(type) {
	case *ir.ReturnLocalStmt:
		return []ir.Val{s.Source}
	case *ir.CallStmt:
		var out []ir.Val
		for _, a := range s.Args {
			out = append(out, a.Value)
		}
		return out
	case *ir.CallDynamicStmt:
		var out []ir.Val
		for _, a := range s.Args {
			out = append(out, a)
		}
		return out
	case *ir.DotStmt:
		return []ir.Val{s.Source.Value, s.Key.Value}
	case *ir.LenStmt:
		return []ir.Val{s.Source.Value}
	case *ir.ScanStmt:
		return []ir.Val{s.Source}
	case *ir.AssignVarStmt:
		return []ir.Val{s.Source.Value}
	case *ir.AssignVarOnceStmt:
		return []ir.Val{s.Source.Value, s.Target}
	case *ir.EqualStmt:
		return []ir.Val{s.A.Value, s.B.Value}
	case *ir.NotEqualStmt:
		return []ir.Val{s.A.Value, s.B.Value}
	case *ir.IsArrayStmt:
		return []ir.Val{s.Source.Value}
	case *ir.IsObjectStmt:
		return []ir.Val{s.Source.Value}
	case *ir.IsSetStmt:
		return []ir.Val{s.Source.Value}
	case *ir.IsDefinedStmt:
		return []ir.Val{s.Source}
	case *ir.IsUndefinedStmt:
		return []ir.Val{s.Source}
	case *ir.ArrayAppendStmt:
		return []ir.Val{s.Value.Value, s.Array}
	case *ir.SetAddStmt:
		return []ir.Val{s.Value.Value, s.Set}
	case *ir.ObjectInsertStmt:
		return []ir.Val{s.Key.Value, s.Value.Value, s.Object}
	case *ir.ObjectInsertOnceStmt:
		return []ir.Val{s.Key.Value, s.Value.Value, s.Object}
	case *ir.ObjectMergeStmt:
		return []ir.Val{s.A, s.B}
	case *ir.WithStmt:
		return []ir.Val{s.Local, s.Value.Value}
	case *ir.ResultSetAddStmt:
		return []ir.Val{s.Value}
	}
	return nil
}

// eachStmt visits the statements of a block and of those in it.
func eachStmt(block *ir.Block, f func(ir.Stmt)) {
	if block == nil {
		return
	}
	for _, s := range block.Stmts {
		f(s)
		switch s := s.(type) {
		case *ir.BlockStmt:
			for _, inner := range s.Blocks {
				eachStmt(inner, f)
			}
		case *ir.ScanStmt:
			eachStmt(s.Block, f)
		case *ir.NotStmt:
			eachStmt(s.Block, f)
		case *ir.WithStmt:
			eachStmt(s.Block, f)
		}
	}
}
