package engine

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestATypeWithoutASchemaIsJudgedByWhatReadsNoAttributes(t *testing.T) {
	on := func(types, name, rule string) string {
		return "# METADATA\n# title: t\n# scope: package\n# custom:\n#   severity: low\n#   category: tagging\n#   types: [" + types + "]\npackage metsuke.test." + name + "\n\n" + rule
	}
	untagged := `deny contains {"message": input.resource.type, "path": "tags"} if count(input.resource.tag_keys) == 0`
	e := library(t, map[string]string{
		"any.rego":      on(`"*"`, "any", untagged),
		"prefix.rego":   on(`"test_*"`, "prefix", `deny contains {"message": input.resource.region, "path": "region"} if input.resource.region != "here"`),
		"other.rego":    on(`"toast_*", test_thing`, "other", untagged),
		"named.rego":    on("test_thing", "named", untagged),
		"specific.rego": on(`"test_t*"`, "specific", `deny contains {"message": "m", "path": "encrypted"} if input.resource.attributes.encrypted == false`),
	})
	with, err := e.With("test_unheard", "test_thing", "acme_widget", "test_unheard")
	if err != nil {
		t.Fatal(err)
	}
	s := session(t, with)
	got := map[providers.Type]map[string]finding.Verdict{}
	for _, typ := range []providers.Type{"test_unheard", "acme_widget"} {
		got[typ] = map[string]finding.Verdict{}
		for id, r := range judge(t, s, providers.Resource{Type: typ, ID: "x", Region: "there", Tags: map[string]string{"a": "b"}}, nil) {
			got[typ][id] = r.Verdict
		}
	}
	want := map[providers.Type]map[string]finding.Verdict{
		"test_unheard": {"any": finding.Pass, "prefix": finding.Fail},
		"acme_widget":  {"any": finding.Pass},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	r := providers.Resource{Type: "acme_widget", ID: "x", Unknown: map[string]providers.Reason{"tags": providers.Deferred}}
	if res := judge(t, s, r, nil)["any"]; res.Verdict != finding.Unknown || res.Reason != providers.Deferred {
		t.Errorf("unknown tags are judged as %s (%s)", res.Verdict, res.Reason)
	}
	if slices.Contains(e.Types(), "acme_widget") || !slices.Contains(with.Types(), "acme_widget") {
		t.Errorf("types without %v, with %v", e.Types(), with.Types())
	}
	if res := judge(t, session(t, e), r, nil); len(res) > 0 {
		t.Errorf("the first engine changed: it judges %v", res)
	}
}

func TestTheShippedTagAndRegionPoliciesJudgeTypesWithoutASchema(t *testing.T) {
	e, err := Load(Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	if e, err = e.With("aws_sfn_state_machine"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range e.Policies() {
		if slices.Contains(p.Types, "aws_sfn_state_machine") {
			got = append(got, p.ID)
		}
	}
	want := []string{
		"aws-account-unapproved-region-resources", "common-tags-allowed-values", "common-tags-empty-value", "common-tags-expiry-passed",
		"common-tags-key-case", "common-tags-mandatory-keys", "common-tags-untagged",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
