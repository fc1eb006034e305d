package main

import (
	"reflect"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/yamlfile"
)

// ownerSchema is the published schema of owners.yaml.
func ownerSchema(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{
		DoNotReference: true, Anonymous: true,
		Mapper: func(typ reflect.Type) *jsonschema.Schema {
			switch typ {
			case reflect.TypeFor[yamlfile.Text]():
				return textSchema()
			case reflect.TypeFor[yamlfile.Texts]():
				return textsSchema()
			case reflect.TypeFor[govern.OwnerValues]():
				return &jsonschema.Schema{Type: "object", AdditionalProperties: filledTextSchema()}
			}
			return nil
		},
	}
	s := r.Reflect(govern.OwnerFile{})
	s.Title = "owners.yaml, version 1"
	s.Description = "Whose resources are: owners, and the rules by which a resource finds its own."
	someText(s, "owners.name")
	lists := []string{
		"rules.tag", "rules.account_tag", "rules.project_label", "rules.github_team", "rules.account", "rules.organizational_unit", "rules.folder",
		"rules.project", "rules.path", "rules.resource", "rules.type", "rules.region",
	}
	someTexts(s, lists...)
	someText(s, "rules.owner", "rules.codeowners")
	rules, _ := s.Properties.Get("rules")
	values, _ := rules.Items.Properties.Get("values")
	one := uint64(1)
	values.MinProperties = &one
	nullable(s, append(lists, "rules.owner", "rules.codeowners", "rules.values")...)
	for _, says := range []string{"owner", "tag", "account_tag", "project_label", "github_team", "codeowners"} {
		rules.Items.OneOf = append(rules.Items.OneOf, &jsonschema.Schema{Required: []string{says}})
	}
	return schemaText(t, s)
}

func TestThePublishedSchemaIsThatOfTheOwners(t *testing.T) {
	published(t, "owners.v1.json", ownerSchema(t))
}

func TestTheSchemaOfOwnersAndItsReaderAgree(t *testing.T) {
	for text, ok := range map[string]bool{
		"{}": true,
		"owners: [{name: a, aliases: b, contacts: {slack: ['#a', '#b'], jira: PAY}}]":     true,
		"unowned: {aliases: [none], contacts: {email: x@example.com}}\nonly_listed: true": true,
		"rules: [{tag: owner}, {tag: [owner, team], values: {42: a, b: unowned}}]":        true,
		"rules: [{account: 111111111111, region: [eu-*], owner: a}]":                      true,
		"rules: [{github_team: [admin, maintain], values: {acme/pay: a}}]":                true,
		"rules: [{account_tag: [owner, team], values: {pay*: a}, account: pay-*}]":        true,
		"rules: [{account_tag: owner, tag: owner}]":                                       false,
		"rules: [{github_team: admin, owner: a}]":                                         false,
		"rules: [{tag: owner, project_label: owner}]":                                     false,
		"rules: [{account: x}]":                   false,
		"rules: [{tag: owner, values: [a]}]":      false,
		"rules: [{owner: a, provider: aws}]":      false,
		"owners: [{aliases: [a]}]":                false,
		"owners: {name: a}":                       false,
		"owners: [{name: a, contacts: {fax: 1}}]": false,
		"only_listed: perhaps":                    false,
	} {
		_, readErr := govern.ParseOwners([]byte(text), "owners.yaml", nil)
		if schemaErr := validateBy(t, ownerSchema(t), text); (schemaErr == nil) != ok || (readErr == nil) != ok {
			t.Errorf("%s: the schema says %v, the reader says %v", text, schemaErr, readErr)
		}
	}
}
