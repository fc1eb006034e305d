package terraform

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const secretScript = "#!/bin/bash\nexport DB_PASSWORD='q7R!vT2m_Zx9'\n"

// newVM is an instance that does not exist yet, with more set. A null in more is a
// value that is known only after the apply.
func newVM(more obj) res {
	r := res{
		address: "aws_instance.web", after: obj{"ami": "ami-1", "instance_type": "m7g.large", "launch_template": []any{}, "tags": nil, "volume_tags": nil},
		unknown: obj{}, config: obj{"ami": "ami-1", "instance_type": "m7g.large"},
	}
	for _, a := range []string{
		"id", "arn", "availability_zone", "ebs_block_device", "iam_instance_profile", "instance_lifecycle", "instance_state", "metadata_options",
		"public_ip", "root_block_device", "subnet_id", "tags_all", "tenancy", "user_data", "user_data_base64", "vpc_security_group_ids",
	} {
		r.unknown[a] = true
	}
	for k, v := range more {
		r.config[k] = v
		if s, ok := v.(string); ok && len(s) > 0 && s[0] == '=' {
			continue
		}
		r.after[k] = v
		delete(r.unknown, k)
	}
	return r
}

func vm(changes obj) obj {
	out := obj{
		"ami": "ami-1", "cpu_utilization": nil, "current_generation": nil, "hibernated": false, "iam_instance_profile": nil, "instance_lifecycle": nil,
		"instance_state": nil, "instance_type": "m7g.large", "launch_time": nil, "network_in": nil, "network_out": nil, "stopped_at": nil, "user_data": nil,
		"metadata_options":    obj{"http_endpoint": nil, "http_put_response_hop_limit": nil, "http_tokens": nil},
		"? availability_zone": "deferred", "? public_ip": "deferred", "? subnet_id": "deferred", "? tenancy": "deferred", "? vpc_security_group_ids": "deferred",
		"? metadata_options.http_endpoint": "deferred", "? metadata_options.http_put_response_hop_limit": "deferred", "? metadata_options.http_tokens": "deferred",
	}
	for k, v := range changes {
		out[k] = v
		if v == nil && k[0] == '?' {
			delete(out, k)
		}
	}
	return out
}

func TestTheAttributesOfAnInstance(t *testing.T) {
	tokens := func(endpoint, tokens any) obj {
		return obj{
			"metadata_options":                 obj{"http_endpoint": endpoint, "http_put_response_hop_limit": nil, "http_tokens": tokens},
			"? metadata_options.http_endpoint": nil, "? metadata_options.http_tokens": nil,
		}
	}
	template := obj{"launch_template": []any{obj{"id": "lt-1", "version": "1"}}}
	plain := func(r res) []res { return []res{r} }
	for _, tt := range []struct {
		name string
		plan []res
		want obj
	}{
		{"a new instance has no profile, no script and no load", plain(newVM(nil)), vm(nil)},
		{
			"options of the metadata service that are written are known", plain(newVM(obj{"metadata_options": []any{obj{"http_endpoint": "enabled", "http_tokens": "required"}}})),
			vm(tokens("enabled", "required")),
		},
		{
			"those of the account hold where it has some already",
			[]res{newVM(nil), {
				address: "aws_ec2_instance_metadata_defaults.d", action: "no-op", config: obj{"http_tokens": "required"},
				after: obj{"http_tokens": "required", "http_endpoint": "no-preference", "http_put_response_hop_limit": -1},
			}},
			vm(obj{
				"metadata_options":               obj{"http_endpoint": nil, "http_put_response_hop_limit": nil, "http_tokens": "required"},
				"? metadata_options.http_tokens": nil,
			}),
		},
		{
			"those that the same plan makes may come too late",
			[]res{newVM(nil), {
				address: "aws_ec2_instance_metadata_defaults.d", config: obj{"http_tokens": "required"},
				after: obj{"http_tokens": "required", "http_endpoint": "no-preference", "http_put_response_hop_limit": -1},
			}},
			vm(nil),
		},
		{
			"a profile that the plan makes is one",
			[]res{
				newVM(obj{"iam_instance_profile": "=aws_iam_instance_profile.app.name"}),
				{address: "aws_iam_instance_profile.app", after: obj{"name_prefix": "app"}, unknown: obj{"name": true, "id": true}, config: obj{"name_prefix": "app"}},
			},
			vm(obj{"iam_instance_profile": "aws_iam_instance_profile.app"}),
		},
		{
			"a launch template leaves open what it may set", plain(newVM(template)),
			vm(obj{"? iam_instance_profile": "deferred", "iam_instance_profile": nil, "? user_data": "deferred", "? instance_lifecycle": "deferred"}),
		},
		{"a script is looked through", plain(newVM(obj{"user_data": secretScript})), vm(obj{"user_data": obj{"secrets": []any{"password"}}})},
		{
			"a script in base64 is looked through", plain(newVM(obj{"user_data_base64": base64.StdEncoding.EncodeToString([]byte(secretScript))})),
			vm(obj{"user_data": obj{"secrets": []any{"password"}}}),
		},
		{
			"a script of which the provider keeps a hash is looked through in the configuration",
			plain(func() res {
				r := newVM(obj{"user_data": secretScript})
				r.after["user_data"] = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
				return r
			}()),
			vm(obj{"user_data": obj{"secrets": []any{"password"}}}),
		},
		{
			"a hash of a script that is computed says nothing",
			plain(func() res {
				r := newVM(obj{"user_data": "=local.script"})
				r.after["user_data"] = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
				delete(r.unknown, "user_data")
				return r
			}()),
			vm(obj{"? user_data": "deferred"}),
		},
		{"a script without secrets has none", plain(newVM(obj{"user_data": "#!/bin/bash\necho hello\n"})), vm(obj{"user_data": obj{"secrets": []any{}}})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := attributes(t, "aws_instance.web", tt.plan...)
			for k := range tt.want {
				if k[0] == '?' {
					delete(tt.want, k[2:])
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnInstanceThatRunsIsNotAsked(t *testing.T) {
	got := attributes(t, "aws_instance.web", res{
		address: "aws_instance.web", action: "update", config: obj{"ami": "ami-1", "instance_type": "m4.large"},
		after: obj{
			"ami": "ami-1", "instance_type": "m4.large", "instance_state": "running", "iam_instance_profile": "", "user_data": nil, "user_data_base64": nil,
			"metadata_options":  []any{obj{"http_endpoint": "enabled", "http_tokens": "optional", "http_put_response_hop_limit": 1}},
			"availability_zone": "eu-central-1a", "instance_lifecycle": "", "public_ip": "", "subnet_id": "subnet-1", "tenancy": "default", "vpc_security_group_ids": []any{"sg-1"},
		},
	})
	want := obj{
		"ami": "ami-1", "availability_zone": "eu-central-1a", "cpu_utilization": nil, "current_generation": nil, "iam_instance_profile": nil,
		"instance_lifecycle": nil, "instance_state": "running", "instance_type": "m4.large",
		"metadata_options": obj{"http_endpoint": "enabled", "http_tokens": "optional", "http_put_response_hop_limit": int64(1)},
		"network_in":       nil, "network_out": nil, "public_ip": nil, "stopped_at": nil, "subnet_id": "subnet-1", "tenancy": "default", "user_data": nil,
		"vpc_security_group_ids": []any{"sg-1"}, "? hibernated": "deferred", "? launch_time": "deferred",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}
