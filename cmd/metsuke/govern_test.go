package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/yamlfile"
)

// waiverSchema is the published schema of waivers.yaml.
func waiverSchema(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{
		DoNotReference: true, Anonymous: true,
		Mapper: func(typ reflect.Type) *jsonschema.Schema {
			if typ == reflect.TypeFor[yamlfile.Text]() {
				return textSchema()
			}
			return nil
		},
	}
	s := r.Reflect(govern.WaiverFile{})
	s.Title = "waivers.yaml, version 1"
	s.Description = "Exceptions from policies: who granted what, why, and until when."
	s.Required = nil // a file may hold nothing yet
	someText(s, "waivers.policy", "waivers.resource", "waivers.account", "waivers.region", "waivers.type", "waivers.reason", "waivers.approver", "waivers.ticket")
	list, _ := s.Properties.Get("waivers")
	only, _ := list.Items.Properties.Get("only")
	one := uint64(1)
	only.MinItems, only.Items = &one, filledTextSchema()
	expires, _ := list.Items.Properties.Get("expires")
	expires.AnyOf, expires.Type, expires.Format = nil, "string", "date"
	nullable(s, "waivers.account", "waivers.region", "waivers.type", "waivers.only")
	return schemaText(t, s)
}

func TestThePublishedSchemaIsThatOfTheWaivers(t *testing.T) {
	published(t, "waivers.v1.json", waiverSchema(t))
}

func TestTheSchemaOfWaiversAndItsReaderAgree(t *testing.T) {
	const good = "policy: a, resource: b, reason: c, approver: d, ticket: e, expires: 2026-12-31"
	for text, ok := range map[string]bool{
		"waivers: [{" + good + "}]": true,
		"waivers: [{" + good + ", account: 111111111111, region: eu-*, type: aws_s3_bucket}]": true,
		"waivers: [{" + strings.Replace(good, "ticket: e", "ticket: 4711", 1) + "}]":          true,
		"waivers: []":                         true,
		"waivers:":                            true,
		"waivers: {}":                         false,
		"waiver: []":                          false,
		"waivers: [{policy: a}]":              false,
		"waivers: [{" + good + ", owner: x}]": false,
		"waivers: [{" + strings.Replace(good, "reason: c", "reason: ''", 1) + "}]":  false,
		"waivers: [{" + strings.Replace(good, "policy: a", "policy: [a]", 1) + "}]": false,
	} {
		_, readErr := govern.ParseWaivers([]byte(text), "waivers.yaml")
		if schemaErr := validateBy(t, waiverSchema(t), text); (schemaErr == nil) != ok || (readErr == nil) != ok {
			t.Errorf("%s: the schema says %v, the reader says %v", text, schemaErr, readErr)
		}
	}
	// A day that is none is read, so that the rest of the file counts; the schema tells it.
	bad := "waivers: [{" + strings.Replace(good, "2026-12-31", "2026-02-30", 1) + "}]"
	if err := validateBy(t, waiverSchema(t), bad); err == nil {
		t.Error("the schema takes 2026-02-30 for a day")
	}
}

func TestThePublishedSchemaIsThatOfTheBaseline(t *testing.T) {
	r := jsonschema.Reflector{DoNotReference: true, Anonymous: true}
	s := r.Reflect(govern.Baseline{})
	s.Title = "Baseline of metsuke, version 1"
	s.Description = "What is known to fail, and therefore does not fail a run. metsuke baseline write writes it."
	got := schemaText(t, s)
	published(t, "baseline.v1.json", got)
	f := finding.Finding{Policy: "aws-s3-versioning", Verdict: finding.Fail, Resource: finding.Resource{Provider: "aws", Scope: "1", Type: "aws_s3_bucket", ID: "arn:aws:s3:::logs"}}
	f.Fingerprint = finding.Fingerprint(f.Policy, f.Resource, "")
	text, err := govern.NewBaseline(finding.Run{Time: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Findings: []finding.Finding{f}}).Text()
	if err != nil {
		t.Fatal(err)
	}
	if err := validateBy(t, got, string(text)); err != nil {
		t.Error(err)
	}
	if err := validateBy(t, got, strings.Replace(string(text), f.Fingerprint, "x", 1)); err == nil {
		t.Error("the schema takes any text for a fingerprint")
	}
}
