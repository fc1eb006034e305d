package terraform

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

// closed is a public access block that blocks everything.
func closed() obj {
	return obj{"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}
}

// liveBucket is a bucket as a saved inventory has it.
func liveBucket(unknown map[string]providers.Reason) providers.Resource {
	r := providers.Resource{
		Type: "aws_s3_bucket", ID: "arn:aws:s3:::logs", Name: "logs", Region: "eu-west-1", Tags: map[string]string{"owner": "ann"},
		Attributes: obj{
			"account_public_access_block": nil, "grant": []any{}, "lifecycle_rule": nil, "logging": nil, "object_ownership": "BucketOwnerEnforced", "policy": nil,
			"policy_is_public": false, "public_access_block": closed(), "server_side_encryption_configuration": nil, "versioning": obj{"status": "Enabled", "mfa_delete": false},
		},
		Unknown: unknown,
	}
	for path := range unknown {
		delete(r.Attributes, path)
	}
	return r
}

// bucketState is a bucket as Terraform keeps it.
func bucketState(change obj) obj {
	out := obj{"bucket": "logs", "id": "logs", "arn": "arn:aws:s3:::logs", "region": "eu-west-1", "tags_all": obj{}, "grant": []any{}, "logging": []any{}, "policy": "", "versioning": []any{}, "lifecycle_rule": []any{}}
	maps.Copy(out, change)
	return out
}

func TestALiveBucketTellsWhatThePlanDoesNot(t *testing.T) {
	const block, bucket = "aws_s3_bucket_public_access_block.b", "aws_s3_bucket.logs"
	kept := res{address: bucket, action: "no-op", after: bucketState(nil)}
	tagged := res{address: bucket, action: "update", before: bucketState(nil), after: bucketState(obj{"tags_all": obj{"a": "b"}})}
	open := obj{"bucket": "logs", "block_public_acls": false}
	for name, c := range map[string]struct {
		plan []res
		live map[string]providers.Reason
		want any              // public_access_block
		why  providers.Reason // instead of it
	}{
		"the bucket stays as it is":             {plan: []res{kept}, want: closed()},
		"the bucket changes otherwise":          {plan: []res{tagged}, want: closed()},
		"the bucket is imported":                {plan: []res{{address: bucket, action: "no-op", after: bucketState(nil), importing: true}}, want: closed()},
		"the inventory could not read it":       {plan: []res{kept}, live: map[string]providers.Reason{"public_access_block": providers.Denied}, why: providers.Denied},
		"the bucket is replaced":                {plan: []res{{address: bucket, action: "replace", before: bucketState(nil), after: obj{"bucket": "logs"}, unknown: obj{"id": true}}}, want: closed()},
		"the plan has the block, unchanged":     {plan: []res{kept, {address: block, action: "no-op", after: open}}, want: obj{"block_public_acls": false, "block_public_policy": false, "ignore_public_acls": false, "restrict_public_buckets": false}},
		"the plan takes the block away":         {plan: []res{kept, {address: block, action: "delete", after: open}}, want: nil},
		"a new block may be of this bucket":     {plan: []res{kept, {address: block, after: obj{}, unknown: obj{"bucket": true}, config: obj{"bucket": "=data.aws_s3_bucket.d.id"}}, {address: "data.aws_s3_bucket.d", action: "read", after: obj{}, unknown: obj{"id": true, "bucket": true}}}, why: deferred},
		"a block is of another bucket":          {plan: []res{kept, {address: block, after: obj{"bucket": "other", "block_public_acls": false}}}, want: closed()},
		"a part of the plan's block is unknown": {plan: []res{kept, {address: block, after: open, unknown: obj{"block_public_policy": true}}}, want: obj{"block_public_acls": false, "block_public_policy": nil, "ignore_public_acls": false, "restrict_public_buckets": false}, why: deferred},
	} {
		t.Run(name, func(t *testing.T) {
			p := planned(t, c.plan...)
			r, ok := collect(t, p).byID()[bucket]
			if !ok {
				t.Fatal("the bucket was not sent")
			}
			got, _ := p.Complete(r, liveBucket(c.live))
			if diff := cmp.Diff(c.want, got.Attributes["public_access_block"]); diff != "" {
				t.Errorf("public_access_block (-want +got):\n%s", diff)
			}
			why := got.Unknown["public_access_block"]
			if below := got.Unknown["public_access_block.block_public_policy"]; why == "" {
				why = below
			}
			if why != c.why || got.ID != r.ID || got.Name != "logs" {
				t.Errorf("unknown: %v, %+v", got.Unknown, got)
			}
		})
	}
}

func planned(t *testing.T, resources ...res) *Provider {
	t.Helper()
	return open(t, fixture(t, resources...), Options{})
}

func TestWhatThePlanChangesOrHidesIsNotTakenFromTheLiveResource(t *testing.T) {
	instance := func(change obj) obj {
		out := obj{"id": "i-1", "arn": "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", "instance_state": "running", "ami": "ami-1"}
		maps.Copy(out, change)
		return out
	}
	live := providers.Resource{
		Type: "aws_instance", ID: "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", Region: "eu-west-1",
		Attributes: obj{"launch_time": "2026-01-01T00:00:00Z", "metadata_options": obj{"http_endpoint": "enabled", "http_put_response_hop_limit": 1, "http_tokens": "optional"}, "ami": "ami-9"},
	}
	options := func(tokens any) obj { return obj{"metadata_options": []any{obj{"http_tokens": tokens}}} }
	for name, c := range map[string]struct {
		r    res
		want any // metadata_options.http_tokens
		why  providers.Reason
	}{
		"it is not in the state":              {res{action: "no-op", after: instance(nil)}, "optional", ""},
		"the plan sets it":                    {res{action: "update", before: instance(nil), after: instance(options("required"))}, "required", ""},
		"the plan changes it to what it is":   {res{action: "update", before: instance(options("optional")), after: instance(nil), unknown: obj{"metadata_options": true}}, nil, deferred},
		"the plan changes something beside":   {res{action: "update", before: instance(options(nil)), after: instance(obj{"ami": "ami-2", "metadata_options": []any{obj{"http_tokens": nil}}})}, "optional", ""},
		"it is marked sensitive":              {res{action: "no-op", after: instance(options("required")), sensitive: obj{"metadata_options": true}}, nil, deferred},
		"the account's defaults are changing": {res{action: "no-op", after: instance(nil), importing: true}, nil, deferred},
	} {
		t.Run(name, func(t *testing.T) {
			c.r.address = "aws_instance.i"
			plan := []res{c.r}
			if c.r.importing {
				plan = append(plan, res{address: "aws_ec2_instance_metadata_defaults.d", after: obj{"http_tokens": "required"}})
			}
			p := planned(t, plan...)
			r := collect(t, p).byID()["aws_instance.i"]
			got, _ := p.Complete(r, live)
			tokens, _ := below(got.Attributes["metadata_options"], []string{"http_tokens"})
			why := got.Unknown["metadata_options.http_tokens"]
			if why == "" {
				why = got.Unknown["metadata_options"]
			}
			if tokens != c.want || why != c.why {
				t.Errorf("http_tokens is %v, %q; unknown %v", tokens, why, got.Unknown)
			}
			if ami := got.Attributes["ami"]; ami == "ami-9" {
				t.Errorf("a value of the plan was replaced: %v", ami)
			}
		})
	}
}

func TestTheRegionOfWhatExistsIsThatOfTheLiveResource(t *testing.T) {
	p := planned(t,
		res{address: "aws_sqs_queue.kept", action: "no-op", after: obj{"name": "kept"}},
		res{address: "aws_sqs_queue.new", after: obj{"name": "new"}, unknown: obj{"arn": true}},
	)
	sent := collect(t, p).byID()
	live := providers.Resource{Type: "aws_sqs_queue", Region: "eu-west-1"}
	kept, ok := p.Complete(sent["aws_sqs_queue.kept"], live)
	if kept.Region != "eu-west-1" || kept.Unknown["region"] != "" || !ok {
		t.Errorf("got %+v", kept)
	}
	fresh, ok := p.Complete(sent["aws_sqs_queue.new"], live)
	if diff := cmp.Diff(sent["aws_sqs_queue.new"], fresh); diff != "" || ok {
		t.Errorf("a new resource was completed (-want +got):\n%s", diff)
	}
}

func TestWhatALiveResourceMayTellIsInTheSchemaOfItsType(t *testing.T) {
	p := planned(t)
	for _, d := range p.types {
		if len(d.settled)+len(d.assumed) == 0 {
			continue
		}
		s, err := d.read()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range append(d.settled, d.assumed...) {
			if s.properties[a] == nil {
				t.Errorf("%s has no attribute %s", d.typ, a)
			}
		}
		for _, a := range d.assumed {
			if !slices.Contains(d.settled, a) {
				t.Errorf("%s: %s is assumed and not settled", d.typ, a)
			}
		}
	}
}

func TestALiveUserTellsWhichPoliciesAreAttachedByOthers(t *testing.T) {
	const user, attachment = "aws_iam_user.u", "aws_iam_user_policy_attachment.a"
	state := obj{"id": "ci", "name": "ci", "arn": "arn:aws:iam::111111111111:user/ci", "path": "/"}
	own := obj{"user": "ci", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
	all := []any{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AdministratorAccess"}
	for name, c := range map[string]struct {
		action string
		live   map[string]providers.Reason
		want   any // managed_policy_arns
		why    providers.Reason
	}{
		"the plan's attachment stays":     {"no-op", nil, all, ""},
		"the plan makes an attachment":    {"create", nil, []any{"arn:aws:iam::aws:policy/ReadOnlyAccess", nil}, deferred},
		"the plan takes one away":         {"delete", nil, []any{nil}, deferred},
		"the inventory could not read it": {"no-op", map[string]providers.Reason{"managed_policy_arns": providers.Denied}, []any{"arn:aws:iam::aws:policy/ReadOnlyAccess", nil}, deferred},
	} {
		t.Run(name, func(t *testing.T) {
			p := planned(t, res{address: user, action: "no-op", after: state}, res{address: attachment, action: c.action, after: own})
			live := providers.Resource{Type: "aws_iam_user", ID: "arn:aws:iam::111111111111:user/ci", Attributes: obj{"managed_policy_arns": all, "inline_policy": []any{}}, Unknown: c.live}
			got, _ := p.Complete(collect(t, p).byID()[user], live)
			why := got.Unknown["managed_policy_arns"]
			for path, below := range got.Unknown {
				if strings.HasPrefix(path, "managed_policy_arns.") {
					why = below
				}
			}
			if diff := cmp.Diff(c.want, got.Attributes["managed_policy_arns"]); diff != "" {
				t.Errorf("managed_policy_arns (-want +got):\n%s", diff)
			}
			if why != c.why {
				t.Errorf("unknown for %q, want %q: %v", why, c.why, got.Unknown)
			}
		})
	}
}
