package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatRefersToAnotherResourceIsGiven(t *testing.T) {
	key := res{address: "aws_kms_key.k", after: obj{"description": "d"}, unknown: obj{"arn": true, "id": true, "multi_region": true}, config: obj{"description": "d"}}
	counted := res{address: "aws_kms_key.c[0]", after: obj{"description": "d"}, unknown: obj{"arn": true}, config: obj{"description": "d"}}
	for name, c := range map[string]struct {
		config any
		want   any
	}{
		"an ARN":                                {"=aws_kms_key.k.arn", "given"},
		"an instance":                           {"=aws_kms_key.c[0].arn", "given"},
		"an instance that there is not":         {"=aws_kms_key.c[1].arn", "deferred"},
		"something that may be null":            {"=aws_kms_key.k.multi_region", "deferred"},
		"one thing, twice":                      {"=aws_kms_key.k.arn,aws_kms_key.k.arn", "deferred"},
		"a choice that the apply makes":         {"=aws_kms_key.k.multi_region,aws_kms_key.k.arn", "deferred"},
		"all instances":                         {"=aws_kms_key.c", "deferred"},
		"a resource that the plan has not":      {"=aws_kms_key.other.arn", "deferred"},
		"a local value that nobody can look up": {"=local.key", "deferred"},
		"nothing":                               {nil, "deferred"},
	} {
		t.Run(name, func(t *testing.T) {
			config := obj{}
			if c.config != nil {
				config["kms_key_id"] = c.config
			}
			got := attributes(t, "aws_cloudtrail.t", append(trail(nil, obj{"kms_key_id": true}, config), key, counted)...)
			if diff := cmp.Diff(c.want, got["? kms_key_id"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// throughModules is a trail in a module that gets the key of another one.
const throughModules = `{"format_version": "1.2", "terraform_version": "1.11.4",
 "resource_changes": [
  {"address": "module.key[0].aws_kms_key.this", "module_address": "module.key[0]", "mode": "managed", "type": "aws_kms_key", "name": "this",
   "change": {"actions": ["create"], "before": null, "after": {}, "after_unknown": {"arn": true, "policy": true}}},
  {"address": "module.trail.aws_cloudtrail.this", "module_address": "module.trail", "mode": "managed", "type": "aws_cloudtrail", "name": "this",
   "change": {"actions": ["create"], "before": null, "after": {"name": "t"}, "after_unknown": {"kms_key_id": true, "cloud_watch_logs_group_arn": true}}}],
 "configuration": {"root_module": {"module_calls": {
  "key": {"source": "./key", "count_expression": {"constant_value": 1}, "module": {
   "outputs": {"arn": {"expression": {"references": ["aws_kms_key.this.arn", "aws_kms_key.this"]}}, "policy": {"expression": {"references": ["aws_kms_key.this.policy", "aws_kms_key.this"]}}},
   "resources": [{"address": "aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "name": "this", "provider_config_key": "aws", "expressions": {}}]}},
  "trail": {"source": "./trail",
   "expressions": {"key": {"references": ["module.key[0].arn", "module.key[0]", "module.key"]}, "group": {"references": ["module.key[0].policy", "module.key[0]", "module.key"]}},
   "module": {"variables": {"key": {}, "group": {}}, "resources": [{"address": "aws_cloudtrail.this", "mode": "managed", "type": "aws_cloudtrail", "name": "this", "provider_config_key": "aws",
    "expressions": {"kms_key_id": {"references": ["var.key"]}, "cloud_watch_logs_group_arn": {"references": ["var.group"]}}}]}}}}}}`

func TestWhatIsGivenIsFollowedThroughModules(t *testing.T) {
	for _, r := range collect(t, open(t, throughModules, Options{})).resources {
		if r.Type != "aws_cloudtrail" {
			continue
		}
		got := map[string]string{"kms_key_id": string(r.Unknown["kms_key_id"]), "cloud_watch_logs_group_arn": string(r.Unknown["cloud_watch_logs_group_arn"])}
		want := map[string]string{"kms_key_id": "given", "cloud_watch_logs_group_arn": "deferred"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return
	}
	t.Error("the trail is not read")
}
