package terraform

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// local returns the references of a local value.
func (s *sources) local(m *module, name string) ([]string, bool) {
	if s == nil {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	src := s.module(m)
	if src == nil || !src.fits {
		return nil, false
	}
	e, ok := src.locals[name]
	if !ok {
		return nil, false
	}
	return traversals(e), true
}

// refine returns the references of an argument of a block more exactly than the
// plan has them: with the keys of indexes that are not constants, and without the
// conditions. It returns those of the plan where the sources do not fit them.
func (s *sources) refine(m *module, block, argument string, planned []string) []string {
	if s == nil || m == nil || len(planned) == 0 {
		return planned
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	src := s.module(m)
	if src == nil || !src.fits {
		return planned
	}
	b, ok := src.blocks[block]
	if !ok {
		return planned
	}
	content, _, _ := b.body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: argument}}})
	if content == nil || content.Attributes[argument] == nil {
		return planned
	}
	exact := traversals(content.Attributes[argument].Expr)
	for _, r := range exact {
		if !slices.ContainsFunc(planned, func(p string) bool { return origin(p) == origin(r) }) {
			return planned
		}
	}
	return exact
}

// origin is the part of a reference that names a block or variable.
func origin(ref string) string {
	steps := parseSteps(ref)
	n := 2
	if len(steps) > 0 && steps[0].name == "data" {
		n = 3
	}
	names := ""
	for _, st := range steps[:min(n, len(steps))] {
		names += "." + st.name
	}
	return names
}

// traversals returns the references that an expression's value can come from.
func traversals(e hcl.Expression) []string {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return []string{traversal(e.Traversal)}
	case *hclsyntax.RelativeTraversalExpr:
		return extend(traversals(e.Source), traversal(e.Traversal))
	case *hclsyntax.IndexExpr:
		base := traversals(e.Collection)
		if len(base) != 1 {
			break
		}
		if key := traversals(e.Key); len(key) == 1 && (key[0] == "each.key" || key[0] == "count.index") {
			if _, direct := e.Key.(*hclsyntax.ScopeTraversalExpr); direct {
				return extend(base, "[self]")
			}
		}
		return extend(base, "[any]")
	case *hclsyntax.ParenthesesExpr:
		return traversals(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return traversals(e.Wrapped)
	case *hclsyntax.ConditionalExpr:
		return append(traversals(e.TrueResult), traversals(e.FalseResult)...)
	case *hclsyntax.FunctionCallExpr:
		var out []string
		for _, a := range e.Args {
			out = append(out, traversals(a)...)
		}
		return out
	}
	var out []string
	for _, t := range e.Variables() {
		out = append(out, traversal(t))
	}
	return out
}

// extend adds a step to the one reference; more than one has no step in common.
func extend(refs []string, step string) []string {
	if len(refs) == 1 {
		refs[0] += step
	}
	return refs
}

// traversal writes a traversal as plans do.
func traversal(t hcl.Traversal) string {
	var b strings.Builder
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			b.WriteString(step.Name)
		case hcl.TraverseAttr:
			b.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			if key := step.Key; key.Type().FriendlyName() == "string" {
				b.WriteString(quoteKey(key.AsString()))
			} else {
				b.WriteString("[" + key.AsBigFloat().Text('f', -1) + "]")
			}
		default: // a splat
			b.WriteString("[any]")
		}
	}
	return b.String()
}

// quoteKey writes a key as parseKey reads it.
func quoteKey(s string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")
	return `["` + r.Replace(s) + `"]`
}
