// Package iamdoc reads AWS IAM policy documents into one plain form, so that a
// policy on them is written once whatever the document's author chose: a string or
// a list, any letter case, one statement or many. The grammar is that of the IAM
// User Guide, "Grammar of the IAM JSON policy language". It judges nothing.
package iamdoc

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Parse turns the JSON text of a policy document, percent-encoded as the IAM API
// gives it or plain, into {"statements": [...]}. Each statement is an object:
//
//	sid            string or null
//	effect         "Allow" or "Deny"
//	principals     [{"type": "AWS", "id": "*"}], null where the document has none
//	not_principals likewise
//	actions        ["s3:getobject"], lower case, null where the document has none
//	not_actions    likewise
//	resources      ["arn:aws:s3:::b/*"], null where the document has none
//	not_resources  likewise
//	conditions     [{"operator": "stringequals", "key": "aws:sourcearn", "values": ["..."]}]
//
// Operators and condition keys are lower case, as IAM compares them without regard
// to case. A Principal of "*" is {"type": "AWS", "id": "*"}, which IAM treats alike.
// Lists keep the document's order, conditions are sorted by operator and key.
// Empty text is nil without an error: there is no policy. Otherwise the value is a
// map[string]any.
func Parse(text string) (any, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	if strings.HasPrefix(text, "%7B") || strings.HasPrefix(text, "%7b") {
		plain, err := url.PathUnescape(text)
		if err != nil {
			return nil, fmt.Errorf("decode policy document: %w", err)
		}
		text = plain
	}
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return nil, fmt.Errorf("parse policy document: %w", err)
	}
	return Normalize(doc)
}

// Normalize is Parse for a document that is decoded already.
func Normalize(doc any) (any, error) {
	m, ok := doc.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("parse policy document: it is a %T, not an object", doc)
	}
	statements := []any{}
	for i, s := range list(field(m, "statement")) {
		st, ok := s.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("parse policy document: statement %d is a %T, not an object", i+1, s)
		}
		n, err := statement(st)
		if err != nil {
			return nil, fmt.Errorf("parse policy document: statement %d: %w", i+1, err)
		}
		statements = append(statements, n)
	}
	return map[string]any{"statements": statements}, nil
}

func statement(st map[string]any) (map[string]any, error) {
	effect, _ := field(st, "effect").(string)
	if effect != "Allow" && effect != "Deny" {
		return nil, fmt.Errorf("effect is %q, neither Allow nor Deny", effect)
	}
	sid, _ := field(st, "sid").(string)
	out := map[string]any{"effect": effect, "sid": nil}
	if sid != "" {
		out["sid"] = sid
	}
	for _, k := range []struct{ doc, model string }{
		{"action", "actions"}, {"notaction", "not_actions"}, {"resource", "resources"}, {"notresource", "not_resources"},
	} {
		v, err := texts(field(st, k.doc))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.doc, err)
		}
		if v != nil && strings.HasSuffix(k.doc, "action") {
			for i := range v {
				v[i] = strings.ToLower(v[i].(string))
			}
		}
		out[k.model] = orNull(v)
	}
	for _, k := range []struct{ doc, model string }{{"principal", "principals"}, {"notprincipal", "not_principals"}} {
		v, err := principals(field(st, k.doc))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.doc, err)
		}
		out[k.model] = orNull(v)
	}
	conds, err := conditions(field(st, "condition"))
	if err != nil {
		return nil, err
	}
	out["conditions"] = conds
	return out, nil
}

func principals(v any) ([]any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []any{map[string]any{"type": "AWS", "id": v}}, nil
	case map[string]any:
		out := []any{}
		for _, kind := range slices.Sorted(maps.Keys(v)) {
			ids, err := texts(v[kind])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", kind, err)
			}
			for _, id := range ids {
				out = append(out, map[string]any{"type": kind, "id": id})
			}
		}
		return out, nil
	default:
		return nil, fmt.Errorf("is a %T, neither text nor an object", v)
	}
}

func conditions(v any) ([]any, error) {
	out := []any{}
	if v == nil {
		return out, nil
	}
	ops, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("condition is a %T, not an object", v)
	}
	for _, op := range slices.Sorted(maps.Keys(ops)) {
		keys, ok := ops[op].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("condition %s is a %T, not an object", op, ops[op])
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			values, err := texts(keys[key])
			if err != nil {
				return nil, fmt.Errorf("condition %s %s: %w", op, key, err)
			}
			if values == nil {
				values = []any{}
			}
			out = append(out, map[string]any{"operator": strings.ToLower(op), "key": strings.ToLower(key), "values": values})
		}
	}
	return out, nil
}

// field returns a member by its name in lower case: IAM compares element names
// without regard to case. Of several it is the first by its letters.
func field(m map[string]any, name string) any {
	first, found := "", false
	for k := range m {
		if strings.EqualFold(k, name) && (!found || k < first) {
			first, found = k, true
		}
	}
	return m[first]
}

func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// texts returns a string or list as a list of strings; booleans and numbers, which
// condition values may be, as their text.
func texts(v any) ([]any, error) {
	if v == nil {
		return nil, nil
	}
	out := []any{}
	for _, e := range list(v) {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case bool, json.Number:
			out = append(out, fmt.Sprint(e))
		case float64:
			out = append(out, strconv.FormatFloat(e, 'f', -1, 64))
		default:
			return nil, fmt.Errorf("holds a %T, not text", e)
		}
	}
	return out, nil
}

func orNull(v []any) any {
	if v == nil {
		return nil
	}
	return v
}
