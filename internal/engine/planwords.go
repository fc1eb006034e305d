package engine

import "github.com/open-policy-agent/opa/v1/ir"

// statement returns an empty statement of the kind that a word of a planText stands
// for; nil where it stands for none.
func statement(word string) ir.Stmt {
	switch word {
	case "return":
		return &ir.ReturnLocalStmt{}
	case "call":
		return &ir.CallStmt{}
	case "block":
		return &ir.BlockStmt{}
	case "break":
		return &ir.BreakStmt{}
	case "dot":
		return &ir.DotStmt{}
	case "len":
		return &ir.LenStmt{}
	case "scan":
		return &ir.ScanStmt{}
	case "not":
		return &ir.NotStmt{}
	case "int":
		return &ir.AssignIntStmt{}
	case "assign":
		return &ir.AssignVarStmt{}
	case "once":
		return &ir.AssignVarOnceStmt{}
	case "reset":
		return &ir.ResetLocalStmt{}
	case "null":
		return &ir.MakeNullStmt{}
	case "whole":
		return &ir.MakeNumberIntStmt{}
	case "number":
		return &ir.MakeNumberRefStmt{}
	case "array":
		return &ir.MakeArrayStmt{}
	case "object":
		return &ir.MakeObjectStmt{}
	case "set":
		return &ir.MakeSetStmt{}
	case "eq":
		return &ir.EqualStmt{}
	case "ne":
		return &ir.NotEqualStmt{}
	case "isarray":
		return &ir.IsArrayStmt{}
	case "isobject":
		return &ir.IsObjectStmt{}
	case "isset":
		return &ir.IsSetStmt{}
	case "defined":
		return &ir.IsDefinedStmt{}
	case "undefined":
		return &ir.IsUndefinedStmt{}
	case "append":
		return &ir.ArrayAppendStmt{}
	case "insert":
		return &ir.ObjectInsertStmt{}
	case "insertonce":
		return &ir.ObjectInsertOnceStmt{}
	case "add":
		return &ir.SetAddStmt{}
	}
	return nil
}

// wordOf returns the word for a statement; "" where the machine does not run it.
func wordOf(s ir.Stmt) string {
	switch s.(type) {
	case *ir.ReturnLocalStmt:
		return "return"
	case *ir.CallStmt:
		return "call"
	case *ir.BlockStmt:
		return "block"
	case *ir.BreakStmt:
		return "break"
	case *ir.DotStmt:
		return "dot"
	case *ir.LenStmt:
		return "len"
	case *ir.ScanStmt:
		return "scan"
	case *ir.NotStmt:
		return "not"
	case *ir.AssignIntStmt:
		return "int"
	case *ir.AssignVarStmt:
		return "assign"
	case *ir.AssignVarOnceStmt:
		return "once"
	case *ir.ResetLocalStmt:
		return "reset"
	case *ir.MakeNullStmt:
		return "null"
	case *ir.MakeNumberIntStmt:
		return "whole"
	case *ir.MakeNumberRefStmt:
		return "number"
	case *ir.MakeArrayStmt:
		return "array"
	case *ir.MakeObjectStmt:
		return "object"
	case *ir.MakeSetStmt:
		return "set"
	case *ir.EqualStmt:
		return "eq"
	case *ir.NotEqualStmt:
		return "ne"
	case *ir.IsArrayStmt:
		return "isarray"
	case *ir.IsObjectStmt:
		return "isobject"
	case *ir.IsSetStmt:
		return "isset"
	case *ir.IsDefinedStmt:
		return "defined"
	case *ir.IsUndefinedStmt:
		return "undefined"
	case *ir.ArrayAppendStmt:
		return "append"
	case *ir.ObjectInsertStmt:
		return "insert"
	case *ir.ObjectInsertOnceStmt:
		return "insertonce"
	case *ir.SetAddStmt:
		return "add"
	}
	return ""
}

// fields writes or reads what a statement consists of.
func (t *planText) fields(s ir.Stmt) {
	switch s := s.(type) {
	case *ir.ReturnLocalStmt:
		integer(t, &s.Source)
	case *ir.CallStmt:
		t.text(&s.Func)
		t.operands(&s.Args)
		integer(t, &s.Result)
	case *ir.BlockStmt:
		t.blocks(&s.Blocks)
	case *ir.BreakStmt:
		integer(t, &s.Index)
	case *ir.DotStmt:
		t.operand(&s.Source)
		t.operand(&s.Key)
		integer(t, &s.Target)
	case *ir.LenStmt:
		t.operand(&s.Source)
		integer(t, &s.Target)
	case *ir.ScanStmt:
		integer(t, &s.Source)
		integer(t, &s.Key)
		integer(t, &s.Value)
		t.block(&s.Block)
	case *ir.NotStmt:
		t.block(&s.Block)
	case *ir.AssignIntStmt:
		integer(t, &s.Value)
		integer(t, &s.Target)
	case *ir.AssignVarStmt:
		t.operand(&s.Source)
		integer(t, &s.Target)
	case *ir.AssignVarOnceStmt:
		t.operand(&s.Source)
		integer(t, &s.Target)
	case *ir.ResetLocalStmt:
		integer(t, &s.Target)
	case *ir.MakeNullStmt:
		integer(t, &s.Target)
	case *ir.MakeNumberIntStmt:
		integer(t, &s.Value)
		integer(t, &s.Target)
	case *ir.MakeNumberRefStmt:
		t.str(&s.Index)
		integer(t, &s.Target)
	case *ir.MakeArrayStmt:
		integer(t, &s.Capacity)
		integer(t, &s.Target)
	case *ir.MakeObjectStmt:
		integer(t, &s.Target)
	case *ir.MakeSetStmt:
		integer(t, &s.Target)
	case *ir.EqualStmt:
		t.operand(&s.A)
		t.operand(&s.B)
	case *ir.NotEqualStmt:
		t.operand(&s.A)
		t.operand(&s.B)
	case *ir.IsArrayStmt:
		t.operand(&s.Source)
	case *ir.IsObjectStmt:
		t.operand(&s.Source)
	case *ir.IsSetStmt:
		t.operand(&s.Source)
	case *ir.IsDefinedStmt:
		integer(t, &s.Source)
	case *ir.IsUndefinedStmt:
		integer(t, &s.Source)
	case *ir.ArrayAppendStmt:
		t.operand(&s.Value)
		integer(t, &s.Array)
	case *ir.ObjectInsertStmt:
		t.operand(&s.Key)
		t.operand(&s.Value)
		integer(t, &s.Object)
	case *ir.ObjectInsertOnceStmt:
		t.operand(&s.Key)
		t.operand(&s.Value)
		integer(t, &s.Object)
	case *ir.SetAddStmt:
		t.operand(&s.Value)
		integer(t, &s.Set)
	default:
		t.fail("%T", s)
	}
}
