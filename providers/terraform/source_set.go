package terraform

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// shape is what the sources say of an expression of which the plan has the references only.
type shape int

const (
	unseen shape = iota // there are no sources, or they do not fit the plan
	sure                // its value is set wherever what it refers to is
	unsure              // it may be null all the same
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
	return shapeOf(content.Attributes[argument].Expr)
}

// localShape looks at a local value.
func (s *sources) localShape(m *module, name string) shape {
	if s == nil {
		return unseen
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if src := s.module(m); src != nil && src.fits && src.locals[name] != nil {
		return shapeOf(src.locals[name])
	}
	return unseen
}

func shapeOf(e hcl.Expression) shape {
	if setWith(e) {
		return sure
	}
	return unsure
}

// setWith reports whether an expression is not null when what it refers to is not: it is a
// reference, a text around references, or a function of such that has no null to give. A
// condition is none of these, nor is a function that chooses, such as lookup or try.
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
	case *hclsyntax.TemplateExpr:
		return true // no part of a text can be null
	case *hclsyntax.FunctionCallExpr:
		if slices.Contains(neverNull(), e.Name) {
			return !e.ExpandFinal
		}
		return e.Name == "tostring" && len(e.Args) == 1 && setWith(e.Args[0])
	default:
		// Expressions in JSON are not looked into.
		return false
	}
}

// neverNull are functions of Terraform whose result is text whatever their arguments are.
func neverNull() []string {
	return []string{"base64encode", "format", "join", "jsonencode", "lower", "replace", "substr", "trimprefix", "trimspace", "trimsuffix", "upper", "urlencode"}
}
