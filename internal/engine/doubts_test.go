package engine

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/metsuke-dev/metsuke/providers"
)

// A machine that has seen many resources knows verdicts by what is known and unknown of
// them; one that has seen none works everything out.
func TestAVerdictHoldsAgainOnlyWhereTheSameIsUnknown(t *testing.T) {
	e := shipped(t, map[string]string{
		"key.rego":      policy("key", "", `deny contains {"message": sprintf("for %v days", [input.resource.attributes.retention]), "path": "kms_key"} if input.resource.attributes.kms_key == "bad"`),
		"presence.rego": policy("presence", "", `deny contains {"message": "m", "path": "kms_key"} if input.resource.attributes.kms_key == null`),
		"either.rego":   policy("either", "", `deny contains {"message": "m", "path": "kms_key"} if { input.resource.attributes.kms_key == "bad"; input.resource.attributes.retention == 1 }`),
		"part.rego":     policy("part", "", `deny contains {"message": k, "path": "settings"} if { some k, v in input.resource.attributes.settings; v == "on" }`),
		"open.rego":     policy("open", "", openRule),
		"tags.rego":     policy("tags", "", `deny contains {"message": concat(",", input.resource.tag_keys), "path": "tags"} if input.resource.tags.a == "bad"`),
	})
	var things []providers.Resource
	for _, days := range []any{int64(1), int64(7)} {
		for _, settings := range []map[string]any{{}, {"x": "on"}, {"x": "off", "y": "on"}} {
			for _, port := range []any{int64(22), int64(80)} {
				for _, a := range []string{"good", "bad"} {
					for _, unknown := range []map[string]providers.Reason{
						{},
						{"kms_key": providers.Denied},
						{"kms_key": providers.Deferred},
						{"kms_key": providers.Given},
						{"retention": providers.Denied},
						{"kms_key": providers.Denied, "retention": providers.Denied},
						{"settings.x": providers.Denied},
						{"settings.y": providers.Denied},
						{"settings": providers.Denied},
						{"rules.0.port": providers.Denied},
						{"rules.0.cidrs": providers.Denied},
						{"rules": providers.Denied},
						{"tags.a": providers.Denied},
						{"tags.b": providers.Denied},
						{"tags": providers.Denied},
					} {
						r := thing(map[string]any{
							"retention": days, "settings": maps.Clone(settings),
							"rules": []any{map[string]any{"port": port, "cidrs": []any{"0.0.0.0/0"}, "peer": nil}},
						})
						r.Tags["a"], r.Unknown = a, unknown
						things = append(things, r)
					}
				}
			}
		}
	}
	experienced := session(t, e)
	for round := range 3 {
		for i, r := range things {
			want, got := judge(t, session(t, e), r, nil), judge(t, experienced, r, nil)
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Result{}, "Policy")); diff != "" {
				t.Fatalf("round %d, %v of %v (-at first +after others):\n%s", round, r.Unknown, fmt.Sprint(things[i].Attributes, r.Tags), diff)
			}
		}
	}
}
