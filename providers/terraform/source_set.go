package terraform

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// shape is what the sources say of an expression of which the plan has the references only.
type shape int

const (
	unseen shape = iota // there are no sources, or they do not fit the plan
	sure                // its value is set wherever what it refers to is
	unsure              // it may be null or empty all the same
)

// shape looks at the argument of a block.
func (s *sources) shape(m *module, block, argument string) shape {
	if s == nil || m == nil {
		return unseen
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	src := s.module(m)
	if src == nil || !src.fits {
		return unseen
	}
	b, ok := src.blocks[block]
	if !ok {
		return unseen
	}
	content, _, _ := b.body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: argument}}})
	if content == nil || content.Attributes[argument] == nil {
		return unseen
	}
	return s.shapeOf(content.Attributes[argument].Expr)
}

// localShape looks at a local value.
func (s *sources) localShape(m *module, name string) shape {
	if s == nil {
		return unseen
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if src := s.module(m); src != nil && src.fits && src.locals[name] != nil {
		return s.shapeOf(src.locals[name])
	}
	return unseen
}

func (s *sources) shapeOf(e hcl.Expression) shape {
	if setWith(s.native(e)) {
		return sure
	}
	return unsure
}

// native returns an expression in native syntax: in JSON it is a text with templates, which
// the parser keeps to itself, so it is read from the file again.
func (s *sources) native(e hcl.Expression) hcl.Expression {
	if _, ok := e.(hclsyntax.Expression); ok {
		return e
	}
	at := e.Range()
	file, err := fs.ReadFile(s.files, path.Join(s.root, at.Filename))
	if err != nil || at.Start.Byte > at.End.Byte || at.End.Byte > len(file) {
		return e
	}
	var text string
	if json.Unmarshal(file[at.Start.Byte:at.End.Byte], &text) != nil {
		return e
	}
	template, diags := hclsyntax.ParseTemplate([]byte(text), at.Filename, hcl.InitialPos)
	if diags.HasErrors() {
		return e
	}
	return template
}

// setWith reports whether an expression is neither null nor empty when what it refers to is
// neither: it is a reference, a text around references, or a function that keeps what it is
// given. A condition is none of these, nor is a function that chooses or cuts, such as
// lookup, try or substr.
func setWith(e hcl.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return true
	case *hclsyntax.RelativeTraversalExpr:
		// Of aws_kms_key.k[each.key].arn: the instance is in the plan or the apply fails.
		index, ok := e.Source.(*hclsyntax.IndexExpr)
		return ok && setWith(index.Collection)
	case *hclsyntax.ParenthesesExpr:
		return setWith(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return setWith(e.Wrapped)
	case *hclsyntax.TemplateExpr: // no part of a text can be null
		return slices.ContainsFunc(e.Parts, func(part hclsyntax.Expression) bool { return literalText(part) != "" || setWith(part) })
	case *hclsyntax.FunctionCallExpr:
		return !e.ExpandFinal && len(e.Args) > 0 && callSetWith(e.Name, e.Args)
	default:
		return false
	}
}

// callSetWith is setWith for the call of a function of Terraform.
func callSetWith(name string, args []hclsyntax.Expression) bool {
	set := func(e hclsyntax.Expression) bool { return setWith(e) }
	switch name {
	case "jsonencode":
		return true // of null it is the text null
	case "base64encode", "lower", "tostring", "upper", "urlencode":
		return setWith(args[0])
	case "format":
		t, ok := args[0].(*hclsyntax.TemplateExpr)
		if !ok || len(t.Parts) == 0 {
			return false
		}
		begin := literalText(t.Parts[0])
		return begin != "" && begin[0] != '%' || strings.HasPrefix(begin, "%s") && len(args) > 1 && set(args[1])
	case "join":
		list, ok := args[len(args)-1].(*hclsyntax.TupleConsExpr)
		return ok && slices.ContainsFunc(list.Exprs, set)
	}
	return false
}

// literalText returns the text of a literal, "" where the expression is none.
func literalText(e hclsyntax.Expression) string {
	if l, ok := e.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.String && !l.Val.IsNull() {
		return l.Val.AsString()
	}
	return ""
}
