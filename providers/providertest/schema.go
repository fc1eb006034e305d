package providertest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"testing"

	"github.com/metsuke-dev/metsuke/providers"
)

func schemaOf(t *testing.T, schemas fs.FS, typ providers.Type) map[string]any {
	t.Helper()
	b, err := fs.ReadFile(schemas, string(typ)+".json")
	if err != nil {
		t.Fatalf("the type has no schema: %v", err)
	}
	var doc any
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%s.json: %v", typ, err)
	}
	resolved, err := resolve(schemas, doc)
	if err != nil {
		t.Fatalf("%s.json: %v", typ, err)
	}
	m, _ := resolved.(map[string]any)
	return m
}

// resolve replaces every {"$ref": file} by the schema in that file.
func resolve(schemas fs.FS, v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			b, err := fs.ReadFile(schemas, ref)
			if err != nil {
				return nil, err
			}
			var doc any
			if err := json.Unmarshal(b, &doc); err != nil {
				return nil, fmt.Errorf("%s: %w", ref, err)
			}
			return resolve(schemas, doc)
		}
		for k, e := range v {
			r, err := resolve(schemas, e)
			if err != nil {
				return nil, err
			}
			v[k] = r
		}
	case []any:
		for i, e := range v {
			r, err := resolve(schemas, e)
			if err != nil {
				return nil, err
			}
			v[i] = r
		}
	}
	return v, nil
}

func schemaProperties(t *testing.T, schemas fs.FS, typ providers.Type) []string {
	t.Helper()
	props, _ := schemaOf(t, schemas, typ)["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(props))
}

// validate checks a value against the part of JSON Schema that the schemas of
// resource types use (type, properties, additionalProperties, items, enum, anyOf, and $ref to a file beside it)
// and says what is wrong, one sentence each. An unknown property is wrong: what
// the schema does not name must not travel.
func validate(schema map[string]any, v any, at string) []string {
	if options, ok := schema["anyOf"].([]any); ok {
		var first []string
		for i, o := range options {
			s, _ := o.(map[string]any)
			problems := validate(s, v, at)
			if len(problems) == 0 {
				return nil
			}
			if i == 0 {
				first = problems
			}
		}
		return first
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return []string{fmt.Sprintf("%s is %v, not one of %v", at, v, enum)}
	}
	if !typeFits(schema["type"], v) {
		return []string{fmt.Sprintf("%s is %v (%T), not of type %v", at, v, v, schema["type"])}
	}
	var out []string
	switch v := v.(type) {
	case map[string]any:
		props, _ := schema["properties"].(map[string]any)
		for _, k := range slices.Sorted(maps.Keys(v)) {
			sub, ok := props[k].(map[string]any)
			if !ok {
				sub, ok = schema["additionalProperties"].(map[string]any)
			}
			if !ok && schema["additionalProperties"] != true {
				out = append(out, fmt.Sprintf("%s.%s is not in the schema", at, k))
				continue
			}
			if ok {
				out = append(out, validate(sub, v[k], at+"."+k)...)
			}
		}
		for _, k := range slices.Sorted(maps.Keys(props)) {
			if _, ok := v[k]; !ok {
				out = append(out, fmt.Sprintf("%s.%s is missing: an absent value is null", at, k))
			}
		}
	case []any:
		items, ok := schema["items"].(map[string]any)
		for i, e := range v {
			if ok {
				out = append(out, validate(items, e, fmt.Sprintf("%s.%d", at, i))...)
			}
		}
	}
	return out
}

func typeFits(want, v any) bool {
	var names []any
	switch w := want.(type) {
	case nil:
		return true // any value
	case string:
		names = []any{w}
	case []any:
		names = w
	}
	return slices.ContainsFunc(names, func(n any) bool {
		switch v := v.(type) {
		case nil:
			return n == "null"
		case bool:
			return n == "boolean"
		case string:
			return n == "string"
		case float64:
			return n == "number" || n == "integer" && v == float64(int64(v))
		case []any:
			return n == "array"
		case map[string]any:
			return n == "object"
		}
		return false
	})
}
