package terraform

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// A provider calls all tags unknown as soon as it does not know one value.
func TestTheTagsThatThePlanDoesNotKnowAreReadFromTheSources(t *testing.T) {
	whole := obj{"tags": "", "? tags": "deferred"}
	for _, tt := range []struct {
		name, tags string
		want       obj
	}{
		{"an object", `{ Owner = "shop", Name = "q-${random_id.r.hex}" }`, obj{"tags": "Owner=shop env=test ", "? tags.Name": "deferred"}},
		{"objects merged, one of them by name", `merge(local.common, { env = "q-${random_id.r.hex}" })`, obj{"tags": "Owner=shop ", "? tags.env": "deferred"}},
		{"a number", `{ Owner = "shop", Size = 3, Name = "q-${random_id.r.hex}" }`, obj{"tags": "Owner=shop env=test ", "? tags.Name": "deferred", "? tags.Size": "deferred"}},
		{"a value that may be null, so that the tag may be none", `{ Owner = "shop", Name = random_id.r.hex }`, whole},
		{"a value that is null", `{ Owner = null, Name = "q-${random_id.r.hex}" }`, whole},
		{"a key that is not written", `{ (random_id.r.hex) = "shop" }`, whole},
		{"another function", `zipmap(["a"], [random_id.r.hex])`, whole},
		{"merged with what is not written", `merge(var.tags, { Name = "q-${random_id.r.hex}" })`, whole},
		{"what the plan does not refer to", `{ Name = "q-${random_id.other.hex}" }`, whole},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := strings.Replace(fixture(t, res{
				address: "aws_sqs_queue.q", after: obj{"name": "q"}, unknown: obj{"tags": true, "tags_all": true},
				config: obj{"name": "q", "tags": "=random_id.r.hex,var.tags,local.common"},
			}), `"configuration":{`, `"configuration":{"provider_config":{"aws":{"name":"aws","expressions":{"default_tags":[{"tags":{"constant_value":{"env":"test"}}}]}}},`, 1)
			sources := fstest.MapFS{"main.tf": {Data: []byte(`
locals { common = { Owner = "shop" } }
resource "aws_sqs_queue" "q" {
  name = "q"
  tags = ` + tt.tags + "\n}\n")}}
			r := collect(t, open(t, plan, Options{Sources: sources})).byID()["aws_sqs_queue.q"]
			got := obj{"tags": ""}
			for _, k := range []string{"Name", "Owner", "Size", "env"} {
				if v, ok := r.Tags[k]; ok {
					got["tags"] = got["tags"].(string) + k + "=" + v + " "
				}
				if why, ok := r.Unknown["tags."+k]; ok {
					got["? tags."+k] = string(why)
				}
			}
			if why, ok := r.Unknown["tags"]; ok {
				got["? tags"] = string(why)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
