package terraform

import (
	"cmp"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/internal/iamdoc"
)

const policyDocument = "data.aws_iam_policy_document"

// document returns the AWS policy document in an attribute in normal form (see
// package iamdoc). Where its text is known after the apply only because it names
// resources that do not exist yet, the aws_iam_policy_document that it comes from
// says everything else about it, or what the sources write with jsonencode.
func (n *node) document(attribute string) any { return n.documentOf(attribute, n.at(attribute)) }

// inlineDocument is document for the policy that satellites configure as well.
func (n *node) inlineDocument(satellites ...string) any {
	return n.documentOf("policy", n.inline("policy", satellites...))
}

func (n *node) documentOf(attribute string, v any) any {
	u, open := v.(unknown)
	if !open {
		return parseDocument(v)
	}
	if u.reason != deferred {
		return v
	}
	if to, exact := n.refs(attribute); exact && len(to) == 1 && to[0].typ == policyDocument {
		return declaredDocument(to[0])
	}
	if doc, ok := n.writtenDocument(attribute); ok {
		return doc
	}
	return v
}

// parseDocument turns the JSON text of a policy document into its normal form.
func parseDocument(v any) any {
	return then(v, func(v any) any {
		s, _ := v.(string)
		doc, err := iamdoc.Parse(s)
		if err != nil {
			return unknown{providers.Failed}
		}
		return doc
	})
}

// declaredDocument builds the document that an aws_iam_policy_document will give.
func declaredDocument(d *node) any {
	own := each(d.writtenStatements(d.at("statement")), declaredStatement)
	if l, ok := own.([]any); ok && merges(d) {
		own = lasting(l)
	}
	return then(own, func(v any) any { return map[string]any{"statements": v} })
}

// merges reports whether the document takes statements from others, or may do so.
func merges(d *node) bool {
	for _, a := range []string{"source_policy_documents", "override_policy_documents", "source_json", "override_json"} {
		switch v := d.at(a).(type) {
		case nil:
		case []any:
			if len(v) > 0 {
				return true
			}
		case string:
			if v != "" {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// lasting are the statements that are in a document whatever others are merged into it:
// only one with an id is ever replaced, by another with that id. What else there is is
// not known.
func lasting(own []any) []any {
	out := []any{}
	for _, s := range own {
		if sid := at(s, "sid"); !isUnknown(s) && sid == nil {
			out = append(out, s)
		}
	}
	return append(out, unknown{deferred})
}

func declaredStatement(s any) any {
	return map[string]any{
		"sid":            or(at(s, "sid"), nil),
		"effect":         or(at(s, "effect"), "Allow"),
		"actions":        declaredList(at(s, "actions"), strings.ToLower),
		"not_actions":    declaredList(at(s, "not_actions"), strings.ToLower),
		"resources":      declaredList(at(s, "resources"), variables),
		"not_resources":  declaredList(at(s, "not_resources"), variables),
		"principals":     declaredPrincipals(at(s, "principals")),
		"not_principals": declaredPrincipals(at(s, "not_principals")),
		"conditions":     declaredConditions(at(s, "condition")),
	}
}

// variables writes policy variables as IAM does: Terraform's own ${} makes the data
// source take &{}.
func variables(s string) string { return strings.ReplaceAll(s, "&{", "${") }

// declaredList is null when it is empty: the document then lacks the element.
func declaredList(v any, f func(string) string) any {
	return then(v, func(v any) any {
		if l, _ := v.([]any); len(l) == 0 {
			return nil
		}
		return each(v, func(e any) any { s, _ := e.(string); return f(s) })
	})
}

func declaredPrincipals(v any) any {
	return then(v, func(v any) any {
		l, _ := v.([]any)
		if len(l) == 0 {
			return nil
		}
		out := []any{}
		for _, p := range l {
			ids, ok := at(p, "identifiers").([]any)
			kind := at(p, "type")
			if !ok || isUnknown(kind) {
				return unknown{deferred}
			}
			if kind == "*" {
				kind = "AWS"
			}
			for _, id := range ids {
				out = append(out, map[string]any{"type": kind, "id": then(id, func(v any) any { s, _ := v.(string); return variables(s) })})
			}
		}
		return out
	})
}

func declaredConditions(v any) any {
	return then(v, func(v any) any {
		l, _ := v.([]any)
		out := []any{}
		for _, c := range l {
			test, known := at(c, "test").(string)
			key, knownKey := at(c, "variable").(string)
			if !known || !knownKey {
				return unknown{deferred}
			}
			out = append(out, map[string]any{
				"operator": strings.ToLower(test), "key": strings.ToLower(key),
				"values": each(at(c, "values"), func(e any) any { s, _ := e.(string); return variables(s) }),
			})
		}
		text := func(e any, k string) string { s, _ := at(e, k).(string); return s }
		slices.SortStableFunc(out, func(a, b any) int {
			return cmp.Or(cmp.Compare(text(a, "operator"), text(b, "operator")), cmp.Compare(text(a, "key"), text(b, "key")))
		})
		return out
	})
}
