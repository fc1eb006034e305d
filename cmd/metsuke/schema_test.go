package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/metsuke-dev/metsuke/internal/govern"
)

// filled is the pattern of a text that says something.
const filled = `\S`

// textSchema is the schema of what is read as text: YAML takes ids of accounts for numbers,
// and the values of some tags for true and false.
func textSchema() *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}}}
}

// filledTextSchema is that of text which is not empty.
func filledTextSchema() *jsonschema.Schema {
	s := textSchema()
	s.AnyOf[0].Pattern = filled
	return s
}

// textsSchema is that of a list of texts, or of one.
func textsSchema() *jsonschema.Schema {
	s := textSchema()
	s.AnyOf = append(s.AnyOf, &jsonschema.Schema{Type: "array", Items: textSchema()})
	return s
}

// property returns a property, which may be one of the items of a list: "rules.owner".
func property(s *jsonschema.Schema, path string) *jsonschema.Schema {
	for _, name := range strings.Split(path, ".") {
		if s.Items != nil {
			s = s.Items
		}
		s, _ = s.Properties.Get(name)
	}
	return s
}

// someText makes properties texts that are not empty.
func someText(s *jsonschema.Schema, paths ...string) {
	for _, path := range paths {
		property(s, path).AnyOf = filledTextSchema().AnyOf
	}
}

// someTexts makes properties texts, at least one and none empty.
func someTexts(s *jsonschema.Schema, paths ...string) {
	one := uint64(1)
	for _, path := range paths {
		p := property(s, path)
		p.AnyOf = filledTextSchema().AnyOf
		p.AnyOf = append(p.AnyOf, &jsonschema.Schema{Type: "array", Items: filledTextSchema(), MinItems: &one})
	}
}

// nullable lets every property have no value that need not be there, as the readers do,
// but for some: a key that somebody has begun to write is no mistake, unless it would
// widen what the others say.
func nullable(s *jsonschema.Schema, but ...string) { nullableBelow(s, "", but) }

func nullableBelow(s *jsonschema.Schema, path string, but []string) {
	if s.Items != nil {
		nullableBelow(s.Items, path, but)
	}
	if s.Properties == nil {
		return
	}
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		at := strings.TrimPrefix(path+"."+p.Key, ".")
		nullableBelow(p.Value, at, but)
		switch null := (&jsonschema.Schema{Type: "null"}); {
		case slices.Contains(but, at) || slices.Contains(s.Required, p.Key):
		case len(p.Value.AnyOf) > 0:
			p.Value.AnyOf = append(p.Value.AnyOf, null)
		default:
			inner := *p.Value
			description := inner.Description
			inner.Description = ""
			p.Value = &jsonschema.Schema{Description: description, AnyOf: []*jsonschema.Schema{&inner, null}}
		}
	}
}

// schemaDice makes documents at random: mostly such as the schema has them, and some not.
type schemaDice struct{ *rand.Rand }

// word is a text that some of the files know.
func (d schemaDice) word() any {
	words := []any{"a", "b", "unowned", "aws_s3_*", "account", "[a-z]+", "2026-12-31", "2026-02-30", "x y", "0042", 42, 1.5, true, false}
	return words[d.IntN(len(words))]
}

// odd is what few places take.
func (d schemaDice) odd() any {
	odd := []any{nil, "", "  ", []any{}, []any{nil}, []any{""}, []any{"a", []any{"b"}}, map[string]any{}, map[string]any{"a": nil}, map[string]any{"x": "a"}, "a", []any{"a", "b"}, 7, true}
	return odd[d.IntN(len(odd))]
}

func (d schemaDice) value(s map[string]any) any {
	if d.IntN(12) == 0 {
		return d.odd()
	}
	if ways, ok := s["anyOf"].([]any); ok {
		return d.value(ways[d.IntN(len(ways))].(map[string]any))
	}
	switch s["type"] {
	case "null":
		return nil
	case "boolean":
		return d.IntN(2) == 0
	case "number", "integer":
		return d.IntN(100)
	case "array":
		items, _ := s["items"].(map[string]any)
		out := []any{}
		for range d.IntN(4) {
			out = append(out, d.value(items))
		}
		return out
	case "object":
		return d.section(s)
	}
	if enum, ok := s["enum"].([]any); ok && d.IntN(8) > 0 {
		return enum[d.IntN(len(enum))]
	}
	if s["format"] == "date" && d.IntN(8) > 0 {
		return "2026-12-31"
	}
	return d.word()
}

func (d schemaDice) section(s map[string]any) map[string]any {
	out := map[string]any{}
	if more, ok := s["additionalProperties"].(map[string]any); ok {
		for range d.IntN(3) {
			out[fmt.Sprint(d.word())] = d.value(more)
		}
	}
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	oneOf, _ := s["oneOf"].([]any)
	var which []any // of which exactly one is there
	for _, o := range oneOf {
		which = append(which, o.(map[string]any)["required"].([]any)...)
	}
	if len(which) > 0 {
		required = append(slices.Clone(required), which[d.IntN(len(which))])
	}
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names) // so that the dice fall the same way each time
	for _, name := range names {
		odds := 4
		switch {
		case slices.Contains(required, any(name)):
			odds = 1
		case slices.Contains(which, any(name)):
			odds = 60
		}
		if d.IntN(odds) == 0 && d.IntN(40) > 0 {
			out[name] = d.value(properties[name].(map[string]any))
		}
	}
	if d.IntN(40) == 0 {
		out["nonsense"] = "a"
	}
	return out
}

// TestWhatTheReadersTakeTheirSchemasTakeToo holds the published schemas against the readers
// on random documents. What a schema cannot say is left to the reader, with these words.
func TestWhatTheReadersTakeTheirSchemasTakeToo(t *testing.T) {
	for name, c := range map[string]struct {
		schema []byte
		read   func(text string) error
		unsaid []string
	}{
		"owners": {
			ownerSchema(t), func(text string) error {
				_, err := govern.ParseOwners([]byte(text), "owners.yaml", func(string) ([]byte, error) { return []byte("* @a\n"), nil })
				return err
			},
			[]string{"is not listed in owners", "there is another owner", "an alias is empty", "an alias at", "an alias of itself", "stands for nobody", "aliases are circular", "is nobody: say", "values go with", "directory goes with", "a value is empty", "values is empty"},
		},
		"tags": {
			tagSchema(t), func(text string) error { _, err := govern.ParseTags([]byte(text), "tags.yaml"); return err },
			[]string{"written differently or again", "values and a pattern", "no regular expression", "is required nowhere", "neither a type nor", "nothing inherits tags"},
		},
		"waivers": {
			waiverSchema(t), func(text string) error { _, err := govern.ParseWaivers([]byte(text), "waivers.yaml"); return err }, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			validates := validatorOf(t, c.schema)
			var schema map[string]any
			if err := json.Unmarshal(c.schema, &schema); err != nil {
				t.Fatal(err)
			}
			d, taken, refused := schemaDice{rand.New(rand.NewPCG(1, 2))}, 0, 0
			for range 4000 {
				text, err := json.Marshal(d.section(schema))
				if err != nil {
					t.Fatal(err)
				}
				readErr, schemaErr := c.read(string(text)), validates(string(text))
				switch {
				case readErr == nil && schemaErr == nil:
					taken++
				case readErr == nil && name == "waivers" && strings.Contains(schemaErr.Error(), "/expires'"):
					// A day that is none is read, so that the rest of the file counts.
				case readErr == nil:
					t.Fatalf("the reader takes what the schema does not: %s\n%v", text, schemaErr)
				case schemaErr == nil && !slices.ContainsFunc(c.unsaid, func(s string) bool { return strings.Contains(readErr.Error(), s) }):
					t.Fatalf("the schema takes what the reader does not: %s\n%v", text, readErr)
				default:
					refused++
				}
			}
			if taken < 200 || refused < 200 {
				t.Errorf("%d taken and %d refused: the dice are bad", taken, refused)
			}
		})
	}
}
