package terraform

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// schema is the part of a resource type's JSON Schema that says which values
// may leave the plan, and in which shape.
type schema struct {
	types      []string // JSON type names; none: any value
	properties map[string]*schema
	additional *schema // of a map's values
	items      *schema
	anyOf      []*schema
	enum       []any
}

func readSchema(schemas fs.FS, t providers.Type) (*schema, error) {
	r := &schemaReader{files: schemas}
	s := r.file(string(t) + ".json")
	if r.err != nil {
		return nil, fmt.Errorf("schema of %s: %w", t, r.err)
	}
	return s, nil
}

// schemaReader follows {"$ref": file}.
type schemaReader struct {
	files fs.FS
	depth int
	err   error // the first
}

func (r *schemaReader) file(name string) *schema {
	b, err := fs.ReadFile(r.files, name)
	if err == nil && !json.Valid(b) {
		err = json.Unmarshal(b, new(any)) // says where
	}
	if r.depth++; err == nil && r.depth > 100 {
		err = errors.New("its references form a loop")
	}
	if err != nil {
		r.err = cmp.Or(r.err, err)
		return &schema{}
	}
	defer func() { r.depth-- }()
	return r.schema(b[space(b, 0):])
}

// schema reads one that is written in JSON. Words and members that say nothing of which
// values there may be are passed over.
func (r *schemaReader) schema(doc []byte) *schema {
	s := &schema{}
	var ref []byte
	members(doc, func(k, v []byte) bool {
		switch string(k) {
		case "$ref":
			ref = v
		case "type":
			s.types = texts(v)
		case "properties":
			if v[0] == '{' {
				s.properties = map[string]*schema{}
			}
			members(v, func(k, p []byte) bool {
				if p[0] == '{' {
					s.properties[unescape(k)] = r.schema(p)
				}
				return true
			})
		case "additionalProperties":
			if v[0] == '{' || isTrue(v) {
				s.additional = r.schema(v)
			}
		case "items":
			if v[0] == '{' {
				s.items = r.schema(v)
			}
		case "anyOf":
			elements(v, func(o []byte) bool {
				if o[0] == '{' {
					s.anyOf = append(s.anyOf, r.schema(o))
				}
				return true
			})
		case "enum":
			s.enum, _ = decode(v, nil, nil).([]any)
		}
		return true
	})
	if name := text(ref); name != "" {
		return r.file(name)
	}
	return s
}

// texts returns the text that b is, or those in the list that it is.
func texts(b []byte) []string {
	if name := text(b); name != "" {
		return []string{name}
	}
	var out []string
	elements(b, func(e []byte) bool {
		out = append(out, text(e))
		return true
	})
	return out
}

// names returns the top-level properties, sorted.
func (s *schema) names() []string { return slices.Sorted(maps.Keys(s.properties)) }

func (s *schema) allows(name string) bool {
	if len(s.anyOf) > 0 {
		return slices.ContainsFunc(s.anyOf, func(o *schema) bool { return o.allows(name) })
	}
	return len(s.types) == 0 || slices.Contains(s.types, name) || name == "integer" && slices.Contains(s.types, "number")
}

// option returns the alternative of an anyOf that fits the kind of value.
func (s *schema) option(name string) *schema {
	for _, o := range s.anyOf {
		if o.allows(name) {
			return o.option(name)
		}
	}
	return s
}

// shaper brings values into the shape of a schema and notes what is unknown.
type shaper struct {
	unknown map[string]providers.Reason
}

func (sh *shaper) mark(path string, why providers.Reason) any {
	sh.unknown[path] = why
	return nil
}

// shape returns v as the schema wants it: properties that the schema does not
// name are left out, missing ones are null, a block that occurs once comes out of
// its list, "" is null where the schema has null, and a number or boolean that
// Terraform keeps as a string becomes one. Every unknown below v is marked under
// its path. A value that does not fit is marked as failed: to hand it over, or null
// in its place, would be to guess.
func (sh *shaper) shape(s *schema, v any, path string) any {
	if u, ok := v.(unknown); ok {
		return sh.mark(path, u.reason)
	}
	if l, ok := v.([]any); ok && !s.allows("array") && s.allows("object") && len(l) <= 1 {
		if v = nil; len(l) == 1 {
			return sh.shape(s, l[0], path)
		}
	}
	if v == "" && s.allows("null") && !slices.Contains(s.option("string").enum, any("")) {
		v = nil
	}
	v, ok := s.convert(v)
	if !ok {
		return sh.mark(path, providers.Failed)
	}
	switch v := v.(type) {
	case map[string]any:
		return sh.object(s.option("object"), v, path)
	case []any:
		s = s.option("array")
		out := make([]any, len(v))
		for i, e := range v {
			if out[i] = e; s.items != nil {
				out[i] = sh.shape(s.items, e, path+"."+strconv.Itoa(i))
			}
		}
		return out
	}
	return v
}

func (sh *shaper) object(s *schema, v map[string]any, path string) any {
	if s.properties == nil && s.additional == nil && len(s.types) == 0 {
		s = &schema{additional: &schema{}} // any value
	}
	out := make(map[string]any, len(s.properties))
	for name, sub := range s.properties {
		out[name] = sh.shape(sub, v[name], path+"."+name)
	}
	if s.additional == nil {
		return out
	}
	for name, e := range v {
		if _, ok := s.properties[name]; ok {
			continue
		}
		if strings.Contains(name, ".") { // its path could not be told apart: name the parent
			inner := &shaper{unknown: map[string]providers.Reason{}}
			out[name] = inner.shape(s.additional, e, "")
			for _, why := range inner.unknown {
				return sh.mark(path, why)
			}
			continue
		}
		out[name] = sh.shape(s.additional, e, path+"."+name)
	}
	return out
}

// convert changes a scalar to a type that the schema allows, where Terraform
// itself would. It reports whether the value fits.
func (s *schema) convert(v any) (any, bool) {
	switch x := v.(type) {
	case nil:
		switch {
		case s.allows("null"):
			return nil, true
		case s.allows("array"):
			return []any{}, true
		case s.allows("object") && s.option("object").properties == nil:
			return map[string]any{}, true
		}
		return nil, false
	case bool:
		if s.allows("boolean") {
			return x, true
		}
		return strconv.FormatBool(x), s.allows("string")
	case string:
		if s.allows("string") {
			return x, true
		}
		if b, err := strconv.ParseBool(x); err == nil && s.allows("boolean") && (x == "true" || x == "false") {
			return b, true
		}
		if n, err := strconv.ParseInt(x, 10, 64); err == nil && s.allows("integer") {
			return n, true
		}
		f, err := strconv.ParseFloat(x, 64)
		return f, err == nil && s.allows("number")
	case []any:
		return x, s.allows("array")
	case map[string]any:
		return x, s.allows("object")
	default: // a number
		if _, whole := x.(int64); s.allows("number") || whole && s.allows("integer") {
			return x, true
		}
		b, err := json.Marshal(x)
		return string(b), err == nil && s.allows("string")
	}
}
