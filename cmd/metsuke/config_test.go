package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/yamlfile"
	"github.com/metsuke-dev/metsuke/report"
)

// configSchema is the published schema of metsuke.yaml, made from the types that read it.
func configSchema(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{
		DoNotReference: true, Anonymous: true,
		Mapper: func(typ reflect.Type) *jsonschema.Schema {
			switch typ {
			case reflect.TypeFor[config.Duration]():
				return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`}
			case reflect.TypeFor[config.Age]():
				return &jsonschema.Schema{Type: "string", Pattern: `^([1-9][0-9]*d|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`}
			case reflect.TypeFor[yamlfile.List]():
				return &jsonschema.Schema{Type: "array", Items: textSchema()}
			case reflect.TypeFor[config.Percent]():
				return &jsonschema.Schema{Type: "number", Minimum: json.Number("0"), Maximum: json.Number("100")}
			case reflect.TypeFor[config.Whole]():
				return &jsonschema.Schema{Type: "integer", Minimum: json.Number("0")}
			}
			return nil
		},
	}
	s := r.Reflect(config.Config{})
	s.Title = "metsuke.yaml, version 1"
	s.Description = "What metsuke scans, by which policies it judges, and where it reports."
	// A provider's section may be empty: "aws:" switches it on.
	empty := func(s *jsonschema.Schema, names ...string) {
		for _, n := range names {
			p, ok := s.Properties.Get(n)
			if !ok {
				t.Fatalf("the schema has no %s", n)
			}
			description := p.Description
			p.Description = ""
			s.Properties.Set(n, &jsonschema.Schema{Description: description, AnyOf: []*jsonschema.Schema{p, {Type: "null"}}})
		}
	}
	section := func(s *jsonschema.Schema, name string) *jsonschema.Schema {
		p, ok := s.Properties.Get(name)
		if !ok {
			t.Fatalf("the schema has no %s", name)
		}
		return p
	}
	empty(section(section(s, "providers"), "aws"), "organization")
	empty(section(s, "providers"), "aws", "gcp", "github")
	for _, name := range []string{"scan", "gate"} {
		for _, severity := range failOns() {
			f := section(section(s, name), "fail_on")
			f.Enum = append(f.Enum, severity)
		}
	}
	waivers := section(s, "waivers")
	section(waivers, "max_days").Minimum = json.Number("1")
	for _, how := range govern.Strictnesses() {
		f := section(waivers, "comments")
		f.Enum = append(f.Enum, string(how))
	}
	section(section(section(s, "policies"), "overrides").AdditionalProperties, "warn_until").Format = "date"
	format := section(section(s, "outputs").Items, "format")
	for _, f := range report.Formats() {
		format.Enum = append(format.Enum, f)
	}
	return schemaText(t, s)
}

func schemaText(t *testing.T, s *jsonschema.Schema) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestThePublishedSchemaIsThatOfTheConfiguration(t *testing.T) {
	published(t, "config.v1.json", configSchema(t))
}

// published compares a schema with the one that is published, and writes it on demand.
func published(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("..", "..", "docs", "schema", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run go test ./cmd/metsuke -update (-file +types):\n%s", diff)
	}
}

// validate checks a configuration against the schema.
func validate(t *testing.T, text string) error {
	t.Helper()
	return validateBy(t, configSchema(t), text)
}

// validateBy checks YAML or JSON against a schema.
func validateBy(t *testing.T, schema []byte, text string) error {
	t.Helper()
	return validatorOf(t, schema)(text)
}

// validatorOf compiles a schema once for many texts.
func validatorOf(t *testing.T, schema []byte) func(text string) error {
	t.Helper()
	c := validator.NewCompiler()
	c.AssertFormat()
	doc, err := validator.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		b, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		v, err := validator.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return s.Validate(v)
	}
}

func TestTheSchemaAndTheReaderAgree(t *testing.T) {
	for text, good := range map[string]bool{
		"providers: {aws: {organization: {role: audit}}}":                    true,
		"providers: {aws: null}":                                             true,
		"scan: {timeout: 1h30m, parallel: 8}":                                true,
		"outputs: [{format: json, path: run.json}]":                          true,
		"policies: {params: {x: [1, {a: b}]}}":                               true,
		"store: {url: a.db, keep: {age: 400d, runs: 9}}":                     true,
		"store: {keep: {age: 36h}}":                                          true,
		"store: {keep: {age: 400}}":                                          false,
		"store: {keep: {age: 0d}}":                                           false,
		"store: {keep: {inventories: none}}":                                 false,
		"providers: {aws: {accounts: [012345670123, 111111111111, prod-*]}}": true,
		"providers: {aws: {accounts: [a, ~]}}":                               false,
		"scan: {require_coverage: 99.5}":                                     true,
		"scan: {require_coverage: 100}":                                      true,
		"scan: {require_coverage: 0}":                                        true,
		"scan: {require_coverage: 101}":                                      false,
		"scan: {require_coverage: -1}":                                       false,
		"scan: {require_coverage: '80'}":                                     false,
		"scan: {timeout: 5 minutes}":                                         false,
		"scan: {parallel: 1.5}":                                              false,
		"scan: {parallel: -1}":                                               false,
		"scan: {fial_on: high}":                                              false,
		"providers: {aws: {acounts: [a]}}":                                   false,
		"owner_tags: owner":                                                  false,
	} {
		_, readErr := config.Parse([]byte(text), "metsuke.yaml")
		if schemaErr := validate(t, text); (schemaErr == nil) != good || (readErr == nil) != good {
			t.Errorf("%s: the schema says %v, the reader says %v", text, schemaErr, readErr)
		}
	}
}

// settings takes the # off the settings of the template.
var settings = regexp.MustCompile(`(?m)^( *)#([^ \n])`)

func TestTheTemplateIsAConfigurationWithAndWithoutItsComments(t *testing.T) {
	if c, err := config.Parse([]byte(configTemplate), "metsuke.yaml"); err != nil || c.Providers.Configured() {
		t.Fatalf("as it is written: %v", err)
	}
	text := settings.ReplaceAllString(configTemplate, "$1$2")
	c, err := config.Parse([]byte(text), "metsuke.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := validate(t, text); err != nil {
		t.Error(err)
	}
	if err := (&outputs{}).addConfigured(c); err != nil {
		t.Error(err)
	}
	// Whoever adds a key explains it here.
	var walk func(typ reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem(), path)
		case reflect.Struct:
			for i := range typ.NumField() {
				key := typ.Field(i).Tag.Get("yaml")
				if key == "" {
					continue
				}
				if !strings.Contains(configTemplate, "#"+key+":") && !strings.Contains(configTemplate, "#- "+key+":") &&
					key != "enterprise" && key != "url" { // for GitHub Enterprise only
					t.Errorf("the template does not show %s%s", path, key)
				}
				walk(typ.Field(i).Type, path+key+".")
			}
		default:
		}
	}
	walk(reflect.TypeFor[config.Config](), "")
}
