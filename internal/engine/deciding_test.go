package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestAnUnknownVerdictNamesWhatItDependsOn(t *testing.T) {
	deny := func(condition string) string {
		return `deny contains {"message": "m", "path": "x"} if { ` + condition + " }\n"
	}
	const encrypted, key, retention = "input.resource.attributes.encrypted", "input.resource.attributes.kms_key", "input.resource.attributes.retention"
	for name, c := range map[string]struct {
		rules   string
		known   map[string]any
		unknown []string
		want    string
	}{
		"the only one":                       {deny(key + ` == "k"`), nil, []string{"kms_key"}, "kms_key"},
		"not one that cannot change it":      {deny(retention+" == 2; "+encrypted+"\n") + deny(key+` == "k"`), map[string]any{"retention": int64(1)}, []string{"encrypted", "kms_key"}, "kms_key"},
		"not one beside which it is settled": {deny("not fine") + "fine if { " + retention + " > 10; " + encrypted + " == true }\nfine if " + key + ` == "k"` + "\n", map[string]any{"retention": int64(1)}, []string{"encrypted", "kms_key"}, "kms_key"},
		"the first of those that do":         {deny(encrypted+" == false") + deny(key+` == "k"`), nil, []string{"encrypted", "kms_key"}, "encrypted"},
		"one of two that do together":        {deny(encrypted + " == false; " + key + ` == "k"`), nil, []string{"encrypted", "kms_key"}, "encrypted"},
		"within what is known":               {deny("input.resource.attributes.versioning.enabled; input.resource.attributes.versioning.mfa == null"), map[string]any{"versioning": map[string]any{"enabled": true, "mfa": nil}}, []string{"versioning.mfa"}, "versioning.mfa"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"p.rego": policy("p", "", c.rules)}
			for way, e := range map[string]*Engine{"by values": shipped(t, files), "by argument": library(t, files)} {
				s := session(t, e)
				if way == "by argument" {
					s.planFrom = 1 << 30
				}
				r := thing(c.known)
				r.Unknown = map[string]providers.Reason{}
				for _, path := range c.unknown {
					delete(r.Attributes, path)
					r.Unknown[path] = providers.Deferred
				}
				got := judge(t, s, r, nil)["p"]
				got.Policy = nil
				want := Result{Verdict: finding.Unknown, Path: c.want, Reason: providers.Deferred, Message: c.want + " could not be read (deferred)"}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", way, diff)
				}
			}
		})
	}
}
