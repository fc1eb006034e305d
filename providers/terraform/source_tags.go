package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// writtenTags returns what the sources write for tags that the plan does not know at all:
// a provider knows none as soon as it does not know the value of one. The values that are
// not known yet are unknown; the keys are all there are. It reports false where the sources
// do not fit the plan, or write anything else than objects and what merge makes of them.
func (n *node) writtenTags(attribute string) (map[string]any, bool) {
	if n == nil || n.of != nil || n.within != nil || n.block() == nil {
		return nil, false
	}
	e, src := n.c.p.sources.expression(n.c.ix.root.find(n.moduleX), n.typ+"."+n.name, attribute, references(member(n.c.text(n.block()), attribute), nil))
	if e == nil {
		return nil, false
	}
	out := map[string]any{}
	return out, (&evaluator{node: n, src: src}).tags(e, out)
}

// tags puts the keys and values of an object into out.
func (w *evaluator) tags(e hcl.Expression, out map[string]any) bool {
	switch x := w.follow(e).(type) {
	case *hclsyntax.FunctionCallExpr:
		if x.Name != "merge" || x.ExpandFinal {
			return false
		}
		for _, arg := range x.Args {
			if !w.tags(arg, out) {
				return false
			}
		}
		return true
	case *hclsyntax.ObjectConsExpr:
		for _, item := range x.Items {
			key, diags := item.KeyExpr.Value(nil)
			if diags.HasErrors() || key.IsNull() || key.Type().FriendlyName() != "string" {
				return false
			}
			v := w.value(item.ValueExpr)
			if v == nil || isUnknown(v) && !neverNull(w.follow(item.ValueExpr)) {
				return false // a tag that is null is no tag
			}
			out[key.AsString()] = v
		}
		return true
	}
	return false
}

// neverNull reports whether an expression has a value whatever it refers to.
func neverNull(e hcl.Expression) bool {
	switch e.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.LiteralValueExpr:
		return true
	}
	return false
}
