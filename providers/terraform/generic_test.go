package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/metsuke-dev/metsuke/providers"
)

// untyped is what is told of a resource of a type without a schema.
type untyped struct {
	Type    providers.Type
	Name    string
	Region  string
	Tags    map[string]string
	Unknown map[string]providers.Reason
}

func TestATaggableTypeWithoutASchemaHasItsTagsAndRegion(t *testing.T) {
	eu := obj{"arn": "arn:aws:states:eu-west-1:111111111111:stateMachine:m"}
	for _, tc := range []struct {
		name string
		res  res
		want untyped
	}{
		{
			"AWS, with the provider's default tags",
			res{address: "aws_sfn_state_machine.m", after: joined(eu, obj{"name": "orders", "tags": obj{"Owner": "a"}, "tags_all": obj{"Owner": "a", "Stage": "prod"}})},
			untyped{Type: "aws_sfn_state_machine", Name: "orders", Region: "eu-west-1", Tags: map[string]string{"Owner": "a", "Stage": "prod"}},
		},
		{
			"AWS, no tags at all",
			res{address: "aws_sfn_state_machine.m", after: joined(eu, obj{"tags": nil}), unknown: obj{"tags_all": true}},
			untyped{Type: "aws_sfn_state_machine", Name: "m", Region: "eu-west-1", Tags: map[string]string{}},
		},
		{
			"AWS, one value known after the apply",
			res{address: "aws_sfn_state_machine.m", after: joined(eu, obj{"tags": obj{"Owner": "a"}}), unknown: obj{"tags": obj{"Stage": true}, "tags_all": true}},
			untyped{Type: "aws_sfn_state_machine", Name: "m", Region: "eu-west-1", Tags: map[string]string{"Owner": "a"}, Unknown: map[string]providers.Reason{"tags.Stage": providers.Deferred}},
		},
		{
			"AWS, all known after the apply",
			res{address: "aws_sfn_state_machine.m", after: eu, unknown: obj{"tags": true, "tags_all": true}, config: obj{"tags": "=local.tags"}},
			untyped{Type: "aws_sfn_state_machine", Name: "m", Region: "eu-west-1", Tags: map[string]string{}, Unknown: map[string]providers.Reason{"tags": providers.Deferred}},
		},
		{
			"AWS, a service without Regions",
			res{address: "aws_cloudfront_distribution.d", after: obj{"tags": nil}},
			untyped{Type: "aws_cloudfront_distribution", Name: "d", Tags: map[string]string{}},
		},
		{
			"AWS, a group whose tags are blocks",
			res{
				address: "aws_autoscaling_group.g",
				after:   joined(obj{"arn": "arn:aws:autoscaling:eu-west-1:1:autoScalingGroup:x"}, obj{"name": "web", "tag": []any{obj{"key": "Owner", "value": "a", "propagate_at_launch": true}, obj{"key": "Stage", "propagate_at_launch": true}}}),
				unknown: obj{"tag": []any{obj{}, obj{"value": true}}},
			},
			untyped{Type: "aws_autoscaling_group", Name: "web", Region: "eu-west-1", Tags: map[string]string{"Owner": "a"}, Unknown: map[string]providers.Reason{"tags.Stage": providers.Deferred}},
		},
		{
			"Google Cloud",
			res{address: "google_pubsub_topic.t", after: obj{"name": "t", "labels": nil, "effective_labels": obj{"team": "a"}, "region": "europe-west1"}},
			untyped{Type: "google_pubsub_topic", Name: "t", Region: "europe-west1", Tags: map[string]string{"team": "a"}},
		},
		{
			"Google Cloud, a cluster of an older provider",
			res{address: "google_container_cluster.c", after: obj{"name": "c", "resource_labels": obj{"team": "a"}, "location": "europe-west1-b"}},
			untyped{Type: "google_container_cluster", Name: "c", Region: "europe-west1", Tags: map[string]string{"team": "a"}},
		},
		{
			"Azure",
			res{address: "azurerm_storage_account.s", after: obj{"name": "s", "location": "West Europe", "tags": obj{"Owner": "a"}}},
			untyped{Type: "azurerm_storage_account", Name: "s", Region: "westeurope", Tags: map[string]string{"Owner": "a"}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := open(t, fixture(t, tc.res), Options{})
			var got []untyped
			for _, r := range collect(t, p, providers.Want{Type: tc.want.Type, Attributes: []string{"tags"}}).resources {
				got = append(got, untyped{r.Type, r.Name, r.Region, r.Tags, r.Unknown})
			}
			if diff := cmp.Diff([]untyped{tc.want}, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]providers.Type{tc.want.Type}, p.Generic()); diff != "" {
				t.Errorf("generic types (-want +got):\n%s", diff)
			}
			if skipped := p.Summary().Skipped; len(skipped) > 0 {
				t.Errorf("it is judged and counted as not judged: %v", skipped)
			}
		})
	}
}

func TestATypeWithoutTagsOrWithSomethingElseInTheirPlaceIsNotDescribed(t *testing.T) {
	p := open(t, fixture(
		t,
		res{address: "aws_route.r", after: obj{"destination_cidr_block": "0.0.0.0/0"}},
		res{address: "aws_s3_object.o", after: obj{"key": "k", "tags": nil}},
		res{address: "aws_default_route_table.v", after: obj{"tags": nil}},
		res{address: "aws_sfn_state_machine.gone", action: "forget", after: obj{"tags": nil}},
		res{address: "digitalocean_droplet.d", after: obj{"name": "d", "tags": nil}},
		res{address: "google_monitoring_notification_channel.c", after: obj{"labels": obj{"email_address": "a@example.com"}}},
		res{address: "random_id.r", after: obj{"byte_length": 4}},
	), Options{})
	if got := p.Generic(); len(got) > 0 {
		t.Errorf("described: %v", got)
	}
	want := map[string]int{
		"aws_default_route_table": 1, "aws_route": 1, "aws_s3_object": 1, "digitalocean_droplet": 1,
		"google_monitoring_notification_channel": 1, "random_id": 1,
	}
	if diff := cmp.Diff(want, p.Summary().Skipped); diff != "" {
		t.Errorf("not judged (-want +got):\n%s", diff)
	}
}

func TestAnAttributeOfATypeWithoutASchemaIsUnknown(t *testing.T) {
	p := open(t, fixture(t, res{address: "aws_sfn_state_machine.m", after: obj{"tags": nil, "definition": "{}"}}), Options{})
	got := collect(t, p, providers.Want{Type: "aws_sfn_state_machine", Attributes: []string{"definition", "tags"}}).resources[0]
	want := map[string]providers.Reason{"definition": providers.Unsupported, "region": providers.Deferred}
	if diff := cmp.Diff(want, got.Unknown); diff != "" || len(got.Attributes) > 0 {
		t.Errorf("attributes %v, unknown (-want +got):\n%s", got.Attributes, diff)
	}
}
