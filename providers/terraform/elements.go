package terraform

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// element is an argument or a nested block of a block in the sources, whatever the
// syntax. Blocks of one name are several elements, and so are the blocks that a dynamic
// block makes one.
type element struct {
	name  string
	line  int
	parts []element
	text  string // its value, where it is written as a plain one
	open  bool   // its value is computed, or that of a part
}

// elementsOf returns what is written in a body.
func elementsOf(body hcl.Body) []element {
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		attrs, _ := body.JustAttributes()
		var out []element
		for name, a := range attrs {
			out = append(out, jsonElements(name, a.NameRange.Start.Line, a.Expr)...)
		}
		return inOrder(out)
	}
	var out []element
	for name, a := range native.Attributes {
		out = append(out, argument(name, a.NameRange.Start.Line, a.Expr))
	}
	for _, b := range native.Blocks {
		e := element{name: b.Type, line: b.TypeRange.Start.Line, parts: elementsOf(b.Body)}
		if b.Type == "dynamic" && len(b.Labels) == 1 {
			e.name, e.open = b.Labels[0], true
			for _, inner := range b.Body.Blocks {
				if inner.Type == "content" {
					e.parts = elementsOf(inner.Body)
				}
			}
		}
		out = append(out, e)
	}
	return inOrder(out)
}

// argument returns an argument or a member of an object.
func argument(name string, line int, value hcl.Expression) element {
	e := element{name: name, line: line, parts: partsOf(value)}
	if e.parts == nil {
		var plain bool
		e.text, plain = literal(value)
		e.open = !plain
	}
	return e
}

// partsOf returns the members of an object that an expression writes out, also where it
// only passes it to a function, such as jsonencode.
func partsOf(e hcl.Expression) []element {
	var out []element
	switch e := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			if name, ok := literal(item.KeyExpr); ok {
				out = append(out, argument(name, item.KeyExpr.Range().Start.Line, item.ValueExpr))
			}
		}
	case *hclsyntax.TupleConsExpr:
		for _, v := range e.Exprs {
			out = append(out, partsOf(v)...)
		}
	case *hclsyntax.FunctionCallExpr:
		for _, v := range e.Args {
			out = append(out, partsOf(v)...)
		}
	case *hclsyntax.ParenthesesExpr:
		return partsOf(e.Expression)
	}
	return inOrder(out)
}

// jsonElements returns an argument or block in JSON; several blocks are an array.
func jsonElements(name string, line int, e hcl.Expression) []element {
	if name == "//" {
		return nil // a comment
	}
	if pairs, diags := hcl.ExprMap(e); !diags.HasErrors() {
		out := element{name: name, line: line}
		for _, p := range pairs {
			if key, ok := literal(p.Key); ok {
				out.parts = append(out.parts, jsonElements(key, p.Key.Range().Start.Line, p.Value)...)
			}
		}
		return []element{out}
	}
	var out []element
	if l, diags := hcl.ExprList(e); !diags.HasErrors() {
		for _, v := range l {
			if _, diags := hcl.ExprMap(v); !diags.HasErrors() {
				out = append(out, jsonElements(name, v.Range().Start.Line, v)...)
			}
		}
	}
	if out == nil {
		return []element{argument(name, line, e)}
	}
	return out
}

// literal returns the texts, numbers and truths of an expression that is written out.
func literal(e hcl.Expression) (string, bool) {
	if word := hcl.ExprAsKeyword(e); word != "" {
		return word, true
	}
	if len(e.Variables()) > 0 {
		return "", false
	}
	v, diags := e.Value(nil)
	if diags.HasErrors() || !v.IsWhollyKnown() {
		return "", false
	}
	var out []string
	for list := []cty.Value{v}; len(list) > 0; list = list[1:] {
		switch v := list[0]; {
		case v.IsNull():
		case v.Type() == cty.String:
			out = append(out, v.AsString())
		case v.Type() == cty.Number:
			out = append(out, v.AsBigFloat().Text('f', -1))
		case v.Type() == cty.Bool:
			out = append(out, strconv.FormatBool(v.True()))
		case v.CanIterateElements():
			for it := v.ElementIterator(); it.Next(); {
				_, part := it.Element()
				list = append(list, part)
			}
		}
	}
	return strings.Join(out, " "), true
}

func inOrder(l []element) []element {
	slices.SortStableFunc(l, func(a, b element) int { return a.line - b.line })
	return l
}

// named returns the elements of the name.
func named(l []element, name string) []element {
	var out []element
	for _, e := range l {
		if e.name == name {
			out = append(out, e)
		}
	}
	return out
}

// deep returns every element of the name at or below the list.
func deep(l []element, name string) []element {
	var out []element
	for _, e := range l {
		if e.name == name {
			out = append(out, e)
		}
		out = append(out, deep(e.parts, name)...)
	}
	return out
}

// descend follows names to the element that they lead to, as far as there is exactly
// one of each name. It reports whether there was one of the first.
func descend(l []element, names []string) (element, bool) {
	var at element
	for i, name := range names {
		found := named(l, name)
		if len(found) != 1 {
			return at, i > 0
		}
		at, l = found[0], found[0].parts
	}
	return at, len(names) > 0
}
