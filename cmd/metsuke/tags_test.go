package main

import (
	"reflect"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/yamlfile"
	"github.com/metsuke-dev/metsuke/providers"
)

// tagSchema is the published schema of tags.yaml.
func tagSchema(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{
		DoNotReference: true, Anonymous: true,
		Mapper: func(typ reflect.Type) *jsonschema.Schema {
			switch typ {
			case reflect.TypeFor[yamlfile.Text]():
				return textSchema()
			case reflect.TypeFor[yamlfile.Texts]():
				return textsSchema()
			case reflect.TypeFor[govern.TagTypes]():
				return textsSchema()
			case reflect.TypeFor[govern.TagHolders]():
				one := &jsonschema.Schema{Type: "string", Enum: []any{string(providers.Account), string(providers.Project)}}
				return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{one, {Type: "array", Items: one, UniqueItems: true}}}
			}
			return nil
		},
	}
	s := r.Reflect(govern.TagFile{})
	s.Title = "tags.yaml, version 1"
	s.Description = "The tagging standard, for live resources and plans: it says the parameters of the policies common-tags-*."
	someText(s, "keys.key")
	nullable(s)
	return schemaText(t, s)
}

func TestThePublishedSchemaIsThatOfTheTaggingStandard(t *testing.T) {
	published(t, "tags.v1.json", tagSchema(t))
}

func TestTheSchemaOfTheTaggingStandardAndItsReaderAgree(t *testing.T) {
	for text, ok := range map[string]bool{
		"{}": true,
		"keys: [{key: Owner, required: true}, {key: Env, required: [aws_*], except: aws_iam_*, values: [a, 1]}]": true,
		"keys: [{key: Owner, description: x, pattern: '[a-z]+', other_names: [o]}]":                              true,
		"key_pattern: '[A-Z].*'\ncase_sensitive: false\nplaceholders: tbd\nexpiry: [ttl]\nexclude_types: []":     true,
		"keys: [{key: a, inherit: account}, {key: b, inherit: [account, project]}, {key: c, inherit: []}]":       true,
		"keys: [{key: a, inherit: folder}]":             false,
		"keys: [{key: a, inherit: [account, account]}]": false,
		"keys: [{required: true}]":                      false,
		"keys: [{key: a, required: {b: c}}]":            false,
		"keys: [{key: a, mandatory: true}]":             false,
		"keys: {Owner: true}":                           false,
		"case_sensitive: yes please":                    false,
	} {
		_, readErr := govern.ParseTags([]byte(text), "tags.yaml")
		if schemaErr := validateBy(t, tagSchema(t), text); (schemaErr == nil) != ok || (readErr == nil) != ok {
			t.Errorf("%s: the schema says %v, the reader says %v", text, schemaErr, readErr)
		}
	}
}
