package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// TestWhatIsGivenDecidesWhereOnlyItsPresenceMatters compares each verdict with those of
// values that what is given may turn out to be: it may not contradict any of them.
func TestWhatIsGivenDecidesWhereOnlyItsPresenceMatters(t *testing.T) {
	const key = "input.resource.attributes.kms_key"
	deny := func(condition string) string {
		return `deny contains {"message": "m", "path": "kms_key"} if { ` + condition + " }\n"
	}
	for name, c := range map[string]struct {
		rules string
		want  finding.Verdict
	}{
		"it is asked for null":              {deny(key + " == null"), finding.Pass},
		"the other way round":               {deny("null == " + key), finding.Pass},
		"it is asked for anything":          {deny("not " + key), finding.Pass},
		"it must not be there":              {deny(key + " != null"), finding.Fail},
		"and what is besides it decides":    {deny(key + " != null; input.resource.attributes.retention == 1"), finding.Fail},
		"and what is besides it does not":   {deny(key + " != null; input.resource.attributes.retention == 2"), finding.Pass},
		"below a negation":                  {"set if " + key + " != null\n" + deny("not set"), finding.Pass},
		"by either of two":                  {"set if " + key + " != null\nset if input.resource.attributes.encrypted\n" + deny("not set"), finding.Pass},
		"its text is asked for":             {deny(key + ` == "k"`), finding.Unknown},
		"its text is asked for beside":      {deny(key + ` != null; ` + key + ` != "k"`), finding.Unknown},
		"a part of its text is asked for":   {deny(`startswith(` + key + `, "arn:")`), finding.Unknown},
		"its text stands in the message":    {`deny contains {"message": sprintf("it is %s", [` + key + `]), "path": "kms_key"} if ` + key + " != null\n", finding.Unknown},
		"it decides whether anything holds": {"applicable if " + key + " != null\n" + deny("input.resource.attributes.retention == 1"), finding.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			for way, e := range map[string]*Engine{"shipped": shipped(t, map[string]string{"p.rego": policy("p", "", c.rules)}), "own": library(t, map[string]string{"p.rego": policy("p", "", c.rules)})} {
				s := session(t, e)
				r := thing(map[string]any{"retention": int64(1), "encrypted": false})
				delete(r.Attributes, "kms_key")
				r.Unknown = map[string]providers.Reason{"kms_key": providers.Given}
				got := judge(t, s, r, nil)["p"]
				if diff := cmp.Diff(c.want, got.Verdict); diff != "" {
					t.Errorf("%s (-want +got):\n%s", way, diff)
				}
				for _, value := range []any{"k", "arn:aws:kms:eu-west-1:111111111111:key/1", "x"} {
					known := thing(map[string]any{"retention": int64(1), "encrypted": false, "kms_key": value})
					if truth := judge(t, s, known, nil)["p"]; got.Verdict != finding.Unknown && truth.Verdict != got.Verdict {
						t.Errorf("%s: it says %s, and with %v it is %s", way, got.Verdict, value, truth.Verdict)
					}
				}
			}
		})
	}
}
