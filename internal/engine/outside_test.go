package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestPoliciesThatReadOnlyWhatIsOutsideOfThePlanDoNotApply(t *testing.T) {
	deny := func(condition string) string {
		return `deny contains {"message": "x", "path": "x"} if { ` + condition + ` }`
	}
	s := session(t, library(t, map[string]string{
		"open.rego":   policy("open", "", openRule),
		"key.rego":    policy("key", "", deny(`input.resource.attributes.kms_key == null`)),
		"keys.rego":   policy("keys", "", deny(`not "Owner" in input.resource.tag_keys`)),
		"region.rego": policy("region", "", deny(`input.resource.region == "x"; startswith(input.resource.id, "t")`)),
		"both.rego":   policy("both", "", deny(`count(input.resource.attributes.rules) == 1; input.resource.attributes.encrypted`)),
		"either.rego": policy("either", "", deny(`count(input.resource.attributes.rules) == 2; input.resource.attributes.encrypted`)),
		"id.rego":     policy("id", "", deny(`input.resource.id == "thing"`)),
	}))
	r := thing(map[string]any{"rules": []any{map[string]any{"port": int64(22), "cidrs": []any{"0.0.0.0/0"}, "peer": nil}}})
	r.Unknown = map[string]providers.Reason{}
	for _, a := range []string{"encrypted", "kms_key", "retention", "settings", "versioning", "tags", "region"} {
		delete(r.Attributes, a)
		r.Unknown[a] = providers.Outside
	}
	got := map[string]finding.Verdict{}
	for id, res := range judge(t, s, r, nil) {
		got[id] = res.Verdict
	}
	want := map[string]finding.Verdict{
		"open": finding.Fail, "key": finding.NotApplicable, "keys": finding.NotApplicable, "region": finding.NotApplicable,
		"both": finding.Unknown, "either": finding.Pass, "id": finding.Fail,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
