package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
)

// schemaSet holds the schemas of the resource types: schemas/<type>.json of every
// source, with {"$ref": "defs/x.json"} replaced by the file's content.
// A schema is read when it is asked for first.
type schemaSet struct {
	files map[providers.Type]fs.FS
	mu    sync.Mutex
	docs  map[providers.Type]map[string]any
}

func newSchemaSet() *schemaSet {
	return &schemaSet{files: map[providers.Type]fs.FS{}, docs: map[providers.Type]map[string]any{}}
}

// read finds the schemas of a source. Unless lazy, it reads and checks them.
func (s *schemaSet) read(fsys fs.FS, lazy bool) error {
	entries, err := fs.ReadDir(fsys, "schemas")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, d := range entries {
		if d.IsDir() || path.Ext(d.Name()) != ".json" {
			continue
		}
		t := providers.Type(strings.TrimSuffix(d.Name(), ".json"))
		s.files[t] = fsys
		if lazy {
			continue
		}
		if _, err := s.schema(t); err != nil {
			return err
		}
	}
	return nil
}

// schema returns the schema of a type with every reference resolved; nil when the
// type has none.
func (s *schemaSet) schema(t providers.Type) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fsys := s.files[t]
	if m := s.docs[t]; m != nil || fsys == nil {
		return m, nil
	}
	file := path.Join("schemas", string(t)+".json")
	doc, err := readSchema(fsys, file, 0)
	if err != nil {
		return nil, err
	}
	m, ok := doc.(map[string]any)
	if !ok || m["type"] != "object" {
		return nil, fmt.Errorf("%s: the schema of a resource type describes an object", file)
	}
	s.docs[t] = m
	return m, nil
}

// must returns a schema that read has checked already, or that is the program's own.
func (s *schemaSet) must(t providers.Type) map[string]any {
	m, err := s.schema(t)
	if err != nil {
		panic(err)
	}
	return m
}

// maxRefs bounds how deep schemas may include each other.
const maxRefs = 8

func readSchema(fsys fs.FS, file string, depth int) (any, error) {
	if depth > maxRefs {
		return nil, fmt.Errorf("%s: $ref goes in a circle", file)
	}
	b, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	var doc any
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return resolveRefs(fsys, doc, depth)
}

func resolveRefs(fsys fs.FS, v any, depth int) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			return readSchema(fsys, path.Join("schemas", ref), depth+1)
		}
		for k, e := range v {
			r, err := resolveRefs(fsys, e, depth)
			if err != nil {
				return nil, err
			}
			v[k] = r
		}
	case []any:
		for i, e := range v {
			r, err := resolveRefs(fsys, e, depth)
			if err != nil {
				return nil, err
			}
			v[i] = r
		}
	}
	return v, nil
}

func (s *schemaSet) has(t providers.Type) bool { return s.files[t] != nil }

func (s *schemaSet) types() []providers.Type { return slices.Sorted(maps.Keys(s.files)) }

func (s *schemaSet) taggable() []providers.Type {
	var out []providers.Type
	for _, t := range s.types() {
		if s.must(t)["taggable"] == true {
			out = append(out, t)
		}
	}
	return out
}

func (s *schemaSet) suggest(t providers.Type) string {
	var names []string
	for _, n := range s.types() {
		names = append(names, string(n))
	}
	return nearest.Hint(string(t), names)
}

// attributes returns the top-level attributes of a type, sorted.
func (s *schemaSet) attributes(t providers.Type) []string {
	props, _ := s.must(t)["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(props))
}

// lookup follows a path into a schema and reports the first step that no schema
// on the way allows.
func lookup(schema map[string]any, steps []string) (string, []string) {
	options := alternatives(schema)
	for _, step := range steps {
		var next []map[string]any
		var names []string
		open := false
		for _, o := range options {
			if o["type"] == nil && o["properties"] == nil && o["items"] == nil {
				return "", nil // any value
			}
			if props, ok := o["properties"].(map[string]any); ok {
				names = append(names, slices.Collect(maps.Keys(props))...)
				if sub, ok := props[step].(map[string]any); ok {
					next = append(next, alternatives(sub)...)
				}
			}
			switch add := o["additionalProperties"].(type) {
			case bool:
				open = open || add
			case map[string]any:
				next = append(next, alternatives(add)...)
			}
			if items, ok := o["items"].(map[string]any); ok && isIndex(step) {
				next = append(next, alternatives(items)...)
			}
		}
		if open {
			return "", nil
		}
		if len(next) == 0 {
			slices.Sort(names)
			return step, slices.Compact(names)
		}
		options = next
	}
	return "", nil
}

func alternatives(schema map[string]any) []map[string]any {
	any1, ok := schema["anyOf"].([]any)
	if !ok {
		return []map[string]any{schema}
	}
	var out []map[string]any
	for _, o := range any1 {
		if m, ok := o.(map[string]any); ok {
			out = append(out, alternatives(m)...)
		}
	}
	return out
}

func isIndex(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// forOPA rewrites a schema for OPA's type checker, which understands one type per
// schema: a list of types becomes anyOf, closed objects are said to be closed.
func forOPA(schema map[string]any) map[string]any {
	out := map[string]any{}
	for _, k := range []string{"properties", "additionalProperties", "items", "anyOf"} {
		switch v := schema[k].(type) {
		case nil:
		case map[string]any:
			if k != "properties" {
				out[k] = forOPA(v)
				continue
			}
			props := map[string]any{}
			for name, p := range v {
				sub, _ := p.(map[string]any)
				props[name] = forOPA(sub)
			}
			out[k] = props
		case []any:
			var list []any
			for _, e := range v {
				sub, _ := e.(map[string]any)
				list = append(list, forOPA(sub))
			}
			out[k] = list
		default:
			out[k] = v
		}
	}
	kinds, ok := schema["type"].([]any)
	if !ok {
		if t := schema["type"]; t != nil {
			out["type"] = t
			if _, said := out["additionalProperties"]; t == "object" && !said {
				out["additionalProperties"] = false
			}
		}
		return out
	}
	var list []any
	for _, k := range kinds {
		one := map[string]any{"type": k}
		for _, part := range map[any][]string{"object": {"properties", "additionalProperties"}, "array": {"items"}}[k] {
			if v, ok := out[part]; ok {
				one[part] = v
			}
		}
		if _, said := one["additionalProperties"]; k == "object" && !said {
			one["additionalProperties"] = false
		}
		list = append(list, one)
	}
	return map[string]any{"anyOf": list}
}
