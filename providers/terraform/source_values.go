package terraform

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// shown returns an attribute with what the plan does not tell of it taken from the
// sources, where they write it with texts and with what the plan knows.
func (n *node) shown(attribute string) any {
	v := n.at(attribute)
	if _, open := anyUnknown(v); !open || n.of != nil || n.within != nil || n.block() == nil {
		return v
	}
	e, src := n.c.p.sources.expression(n.c.ix.root.find(n.moduleX), n.typ+"."+n.name, attribute, references(member(n.c.text(n.block()), attribute), nil))
	if e == nil {
		return v
	}
	return filled(v, (&evaluator{node: n, src: src}).value(e))
}

// filled returns a value with what is known after the apply only taken from another one.
func filled(v, from any) any {
	if u, ok := v.(unknown); ok {
		if u.reason != deferred {
			return v // a secret stays one
		}
		return from
	}
	l, ok := v.([]any)
	other, also := from.([]any)
	if !ok || !also || len(l) != len(other) {
		return v
	}
	out := make([]any, len(l))
	for i := range l {
		out[i] = filled(l[i], other[i])
	}
	return out
}

// planned reports whether an expression refers to nothing that the plan does not name.
func (*sources) planned(e hcl.Expression, planned []string) bool {
	return !slices.ContainsFunc(traversals(e), func(r string) bool {
		return !slices.ContainsFunc(planned, func(p string) bool { return origin(p) == origin(r) })
	})
}

// expression returns what the sources write for an argument of a block, and the module
// that it is in; nil where the sources do not fit the plan or refer to something else.
func (s *sources) expression(m *module, block, argument string, planned []string) (hcl.Expression, *moduleSource) {
	if s == nil || m == nil {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	src := s.module(m)
	if src == nil || !src.fits || src.blocks[block] == nil {
		return nil, nil
	}
	content, _, _ := src.blocks[block].body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: argument}}})
	if content == nil || content.Attributes[argument] == nil {
		return nil, nil
	}
	e := content.Attributes[argument].Expr
	if !s.planned(e, planned) {
		return nil, nil
	}
	return e, src
}

// evaluator evaluates expressions as far as that can be done without what they refer to.
type evaluator struct {
	node  *node
	src   *moduleSource
	depth int // local values followed
}

// maxLocals bounds how many local values are followed: those of a file that nobody
// planned may refer to each other in a circle.
const maxLocals = 32

// follow returns the expression of a local value in place of its name.
func (w *evaluator) follow(e hcl.Expression) hcl.Expression {
	for {
		switch x := e.(type) {
		case *hclsyntax.ParenthesesExpr:
			e = x.Expression
			continue
		case *hclsyntax.TemplateWrapExpr:
			e = x.Wrapped
			continue
		case *hclsyntax.ScopeTraversalExpr:
			steps := parseSteps(traversal(x.Traversal))
			if len(steps) == 2 && steps[0].name == "local" && steps[1].key == nil && w.src.locals[steps[1].name] != nil && w.depth < maxLocals {
				w.depth++
				e = w.src.locals[steps[1].name]
				continue
			}
		}
		return e
	}
}

// value returns what an expression gives, with unknowns at any depth.
func (w *evaluator) value(e hcl.Expression) any {
	switch e := w.follow(e).(type) {
	case *hclsyntax.ObjectConsExpr:
		out := map[string]any{}
		for _, item := range e.Items {
			key, diags := item.KeyExpr.Value(nil)
			if diags.HasErrors() || key.IsNull() || key.Type().FriendlyName() != "string" {
				return unknown{deferred}
			}
			out[key.AsString()] = w.value(item.ValueExpr)
		}
		return out
	case *hclsyntax.TupleConsExpr:
		out := make([]any, len(e.Exprs))
		for i, x := range e.Exprs {
			out[i] = w.value(x)
		}
		return out
	case *hclsyntax.TemplateExpr:
		var b strings.Builder
		for _, part := range e.Parts {
			s, ok := w.value(part).(string)
			if !ok {
				return unknown{deferred}
			}
			b.WriteString(s)
		}
		return b.String()
	case *hclsyntax.ScopeTraversalExpr:
		return w.node.plannedText(parseSteps(traversal(e.Traversal)))
	case *hclsyntax.LiteralValueExpr:
		switch v := e.Val; {
		case v.IsNull():
			return nil
		case v.Type().FriendlyName() == "string":
			return v.AsString()
		case v.Type().FriendlyName() == "bool":
			return v.True()
		}
	}
	return unknown{deferred}
}

// plannedText returns the text that the plan has for what is referred to: an attribute of
// a resource beside the node that has one instance. The ARN of a bucket follows from
// its name, the address of a service account from its id and project.
func (n *node) plannedText(steps []step) any {
	if len(steps) != 3 || slices.ContainsFunc(steps, func(s step) bool { return s.key != nil }) {
		return unknown{deferred}
	}
	g := n.c.instances(steps[0].name, steps[1].name, n.moduleX)
	if len(g.list) != 1 || g.list[0].key != nil {
		return unknown{deferred}
	}
	r := n.c.load(g.list[0].entry)
	if s, ok := r.at(steps[2].name).(string); ok && s != "" {
		return s
	}
	switch r.typ + "." + steps[2].name {
	case "aws_s3_bucket.arn":
		bucket, named := r.at("bucket").(string)
		if region, placed := awsRegionOf(r).(string); named && placed {
			return "arn:" + partition(region) + ":s3:::" + bucket
		}
	case "google_service_account.email", "google_service_account.member":
		id, named := r.at("account_id").(string)
		project, placed := googleProject(r).(string)
		if !named || !placed || strings.Contains(project, ":") { // a project of a domain
			break
		}
		return map[string]string{"email": "", "member": "serviceAccount:"}[steps[2].name] + id + "@" + project + ".iam.gserviceaccount.com"
	}
	return unknown{deferred}
}

// partition is the one that a Region is in: "Amazon Resource Names", AWS General
// Reference.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
