package terraform

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/metsuke-dev/metsuke/providers/internal/iamdoc"
)

// Of a text that jsonencode makes of something new, a plan only says that it is known
// after the apply. The sources show the rest of it.

// writtenDocument returns the AWS policy document that the sources write for an
// attribute with jsonencode, with what it refers to unknown. It reports false where
// they do not.
func (n *node) writtenDocument(attribute string) (any, bool) {
	if n == nil || n.of != nil || n.within != nil || n.block() == nil {
		return nil, false
	}
	m := n.c.ix.root.find(n.moduleX)
	e, src := n.c.p.sources.expression(m, n.typ+"."+n.name, attribute, references(member(n.c.text(n.block()), attribute), nil))
	if e == nil {
		return nil, false
	}
	w := &evaluator{node: n, src: src}
	call, ok := w.follow(e).(*hclsyntax.FunctionCallExpr)
	if !ok || call.Name != "jsonencode" || len(call.Args) != 1 {
		return nil, false
	}
	doc, ok := w.value(call.Args[0]).(map[string]any)
	if !ok {
		return nil, false
	}
	return partialDocument(doc), true
}

// writtenStatements gives the statements of an aws_iam_policy_document what the sources
// show of the resources that the plan does not know yet.
func (n *node) writtenStatements(v any) any {
	statements, ok := v.([]any)
	if _, open := anyUnknown(v); !ok || !open || n.block() == nil {
		return v
	}
	blocks, src := n.c.p.sources.nested(n.c.ix.root.find(n.moduleX), n.typ+"."+n.name, "statement", references(member(n.c.text(n.block()), "statement"), nil))
	if len(blocks) != len(statements) {
		return v // blocks that a dynamic one makes
	}
	for i, s := range statements {
		st, _ := s.(map[string]any)
		for _, argument := range []string{"resources", "not_resources"} {
			if a := blocks[i].Attributes[argument]; a != nil && st != nil {
				w := &evaluator{node: n, src: src}
				st[argument] = filled(st[argument], w.value(a.Expr))
			}
		}
	}
	return v
}

// filled returns a value with its unknown parts taken from another one.
func filled(v, from any) any {
	if isUnknown(v) {
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

// nested returns the blocks of a kind in a block, and the module that they are in; none
// where the sources do not fit the plan or refer to something else.
func (s *sources) nested(m *module, block, kind string, planned []string) ([]*hclsyntax.Body, *moduleSource) {
	if s == nil || m == nil {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	src := s.module(m)
	if src == nil || !src.fits || src.blocks[block] == nil {
		return nil, nil
	}
	body, ok := src.blocks[block].body.(*hclsyntax.Body)
	if !ok {
		return nil, nil
	}
	var out []*hclsyntax.Body
	for _, b := range body.Blocks {
		if b.Type != kind {
			continue
		}
		for _, a := range b.Body.Attributes {
			if !s.planned(a.Expr, planned) {
				return nil, nil
			}
		}
		out = append(out, b.Body)
	}
	return out, src
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
// its name.
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
	bucket, named := r.at("bucket").(string)
	region, placed := awsRegionOf(r).(string)
	if r.typ != "aws_s3_bucket" || steps[2].name != "arn" || !named || !placed {
		return unknown{deferred}
	}
	return "arn:" + partition(region) + ":s3:::" + bucket
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

// What is unknown passes through package iamdoc as one of these texts.
const (
	unknownElement = "\x00element"
	unknownWhole   = "\x00whole"
)

// partialDocument is the normal form of a document in which parts are unknown. A
// statement whose shape is not known is unknown as a whole.
func partialDocument(doc map[string]any) any {
	var list any
	for name, v := range doc {
		if strings.EqualFold(name, "statement") {
			list = v
		}
	}
	if one, ok := list.(map[string]any); ok {
		list = []any{one}
	}
	l, ok := list.([]any)
	if !ok {
		return unknown{deferred}
	}
	return map[string]any{"statements": each(l, partialStatement)}
}

func partialStatement(v any) any {
	st, ok := v.(map[string]any)
	if !ok {
		return unknown{deferred}
	}
	plain, open := map[string]any{}, map[string]any{}
	for name, v := range st {
		switch k := strings.ToLower(name); k {
		case "effect":
			if isUnknown(v) {
				v, open["effect"] = "Allow", v
			}
			plain[k] = v
		case "principal", "notprincipal":
			if shapeOpen(v) {
				v, open[k+"s"] = nil, unknown{deferred}
			}
			plain[k] = veiled(v)
		case "condition":
			if shapeOpen(v) {
				v, open["conditions"] = nil, unknown{deferred}
			}
			plain[k] = veiled(v)
		default:
			plain[k] = veiled(v)
		}
	}
	norm, err := iamdoc.Normalize(map[string]any{"statement": []any{plain}})
	if err != nil {
		return unknown{deferred}
	}
	out, _ := unveiled(at(norm, "statements", 0)).(map[string]any)
	for k, u := range open {
		out[strings.Replace(k, "notp", "not_p", 1)] = u
	}
	return out
}

// shapeOpen reports whether something unknown stands where objects are expected, or
// where a value may be one or many of which each becomes an object.
func shapeOpen(v any) bool {
	if isUnknown(v) {
		return true
	}
	m, _ := v.(map[string]any)
	for _, e := range m {
		if isUnknown(e) {
			return true
		}
	}
	return false
}

// veiled writes texts for unknowns, and unveiled takes them back.
func veiled(v any) any {
	switch v := v.(type) {
	case unknown:
		return unknownWhole
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			if out[i] = veiled(e); isUnknown(e) {
				out[i] = unknownElement
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = veiled(e)
		}
		return out
	}
	return v
}

func unveiled(v any) any {
	switch v := v.(type) {
	case string:
		if v == unknownElement || v == unknownWhole {
			return unknown{deferred}
		}
	case []any:
		if len(v) == 1 && v[0] == unknownWhole {
			return unknown{deferred}
		}
		return each(v, unveiled)
	case map[string]any:
		for k, e := range v {
			v[k] = unveiled(e)
		}
	}
	return v
}
