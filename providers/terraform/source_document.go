package terraform

import (
	"strings"

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
