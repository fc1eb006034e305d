package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// trail is a trail as the provider plans it, beside the bucket that it writes to.
func trail(after, unknown, config obj) []res {
	full := obj{
		"name": "t", "s3_bucket_name": "logs", "cloud_watch_logs_group_arn": nil, "enable_log_file_validation": false, "enable_logging": true,
		"include_global_service_events": true, "is_multi_region_trail": false, "is_organization_trail": false, "kms_key_id": nil,
		"event_selector": []any{}, "advanced_event_selector": []any{},
	}
	for k, v := range after {
		full[k] = v
	}
	mask := obj{"id": true, "arn": true, "home_region": true}
	for k, v := range unknown {
		mask[k] = v
		delete(full, k)
	}
	return []res{
		{address: "aws_cloudtrail.t", after: full, unknown: mask, config: config},
		{address: "aws_s3_bucket.b", after: obj{"bucket": "made-here"}, unknown: obj{"id": true, "arn": true}, config: obj{"bucket": "made-here"}},
	}
}

func TestATrailWithoutSelectorsHasThoseThatCloudTrailGivesIt(t *testing.T) {
	want := obj{
		"advanced_event_selector": []any{}, "cloud_watch_logs_group_arn": nil, "enable_log_file_validation": false, "enable_logging": true,
		"event_selector": []any{obj{
			"read_write_type": "All", "include_management_events": true, "exclude_management_event_sources": []any{}, "data_resource": []any{},
		}},
		"include_global_service_events": true, "is_multi_region_trail": false, "is_organization_trail": false, "kms_key_id": nil,
		"latest_cloud_watch_logs_delivery_error": nil, "latest_cloud_watch_logs_delivery_time": nil, "s3_bucket_name": "logs",
	}
	if diff := cmp.Diff(want, attributes(t, "aws_cloudtrail.t", trail(nil, nil, nil)...)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestSelectorsAreThoseOfTheTrail(t *testing.T) {
	none := func(field string, values ...any) obj {
		return obj{"field": field, "equals": values, "not_equals": nil, "starts_with": nil, "not_starts_with": nil, "ends_with": nil, "not_ends_with": nil}
	}
	got := attributes(t, "aws_cloudtrail.t", trail(obj{"advanced_event_selector": []any{obj{
		"name": "", "field_selector": []any{none("eventCategory", "Data"), none("resources.type", "AWS::S3::Object")},
	}}}, nil, nil)...)
	field := func(name string, values ...any) obj {
		return obj{"field": name, "equals": values, "not_equals": []any{}, "starts_with": []any{}, "not_starts_with": []any{}, "ends_with": []any{}, "not_ends_with": []any{}}
	}
	want := []any{obj{"name": nil, "field_selector": []any{field("eventCategory", "Data"), field("resources.type", "AWS::S3::Object")}}}
	if diff := cmp.Diff(want, got["advanced_event_selector"]); diff != "" {
		t.Errorf("advanced (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{}, got["event_selector"]); diff != "" {
		t.Errorf("basic (-want +got):\n%s", diff)
	}
	got = attributes(t, "aws_cloudtrail.t", trail(obj{"event_selector": []any{obj{
		"read_write_type": "WriteOnly", "include_management_events": false, "exclude_management_event_sources": nil,
		"data_resource": []any{obj{"type": "AWS::S3::Object", "values": []any{"arn:aws:s3"}}},
	}}}, nil, nil)...)
	want = []any{obj{
		"read_write_type": "WriteOnly", "include_management_events": false, "exclude_management_event_sources": []any{},
		"data_resource": []any{obj{"type": "AWS::S3::Object", "values": []any{"arn:aws:s3"}}},
	}}
	if diff := cmp.Diff(want, got["event_selector"]); diff != "" {
		t.Errorf("basic (-want +got):\n%s", diff)
	}
}

func TestATrailKnowsTheNameOfABucketThatIsMadeWithIt(t *testing.T) {
	got := attributes(t, "aws_cloudtrail.t", trail(nil, obj{"s3_bucket_name": true}, obj{"s3_bucket_name": "=aws_s3_bucket.b.id"})...)
	if diff := cmp.Diff("made-here", got["s3_bucket_name"]); diff != "" {
		t.Errorf("bucket (-want +got):\n%s", diff)
	}
	got = attributes(t, "aws_cloudtrail.t", trail(nil, obj{"s3_bucket_name": true}, obj{"s3_bucket_name": "=random_id.r.hex"})...)
	if diff := cmp.Diff("deferred", got["? s3_bucket_name"]); diff != "" {
		t.Errorf("unknown bucket (-want +got):\n%s", diff)
	}
}

func TestSelectorsThatOnlyTheApplyTellsAreUnknown(t *testing.T) {
	got := attributes(t, "aws_cloudtrail.t", trail(nil, obj{"event_selector": true}, nil)...)
	if diff := cmp.Diff("deferred", got["? event_selector"]); diff != "" {
		t.Errorf("selectors (-want +got):\n%s", diff)
	}
}
