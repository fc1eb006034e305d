package cloudtrail

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	// A member account: it has trails of its own and sees one of the organisation.
	awstest.ConformIn(t, "222222222222", nil, Collectors()...)
}

func TestTheOwnTrailsOfTheManagementAccountKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, trail())
}

// seen are the types, ids and regions of resources.
func seen(rs []providers.Resource) [][3]string {
	out := [][3]string{}
	for _, r := range rs {
		out = append(out, [3]string{string(r.Type), r.ID, r.Region})
	}
	return out
}

func TestATrailCountsOnceWhereItIsAtHome(t *testing.T) {
	p := awstest.ProviderOf("222222222222", awssim.Demo(), awssim.Faults{}, Collectors()...)
	resources, gaps := providertest.Collect(t, p, p.Describe().Everything())
	want := [][3]string{
		{"aws_cloudtrail", "arn:aws:cloudtrail:eu-central-1:222222222222:trail/payments-data-events", "eu-central-1"},
		{"aws_cloudtrail_organization_trail", "arn:aws:cloudtrail:eu-central-1:111111111111:trail/nordwind-org@222222222222", ""},
	}
	if diff := cmp.Diff(want, seen(resources)); diff != "" {
		t.Errorf("trails (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

// elsewhere is a multi-region trail at home in a region that is not being read.
const elsewhere = `{
	"DescribeTrails": {"TrailList": [{"Name": "t", "TrailARN": "arn:aws:cloudtrail:eu-west-1:111111111111:trail/t", "HomeRegion": "eu-west-1",
		"IsMultiRegionTrail": true, "S3BucketName": "b"}]},
	"ListTags": {"ResourceTagList": []},
	"GetTrailStatus": {"IsLogging": true},
	"GetEventSelectors": {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]}
}`

func TestATrailAtHomeInARegionThatIsNotReadCountsInTheFirst(t *testing.T) {
	docs := fstest.MapFS{"111111111111/global/cloudtrail.json": {Data: []byte(elsewhere)}}
	resources, gaps := awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
	if diff := cmp.Diff([][3]string{{"aws_cloudtrail", "arn:aws:cloudtrail:eu-west-1:111111111111:trail/t", "eu-central-1"}}, seen(resources)); diff != "" {
		t.Errorf("trails (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestWhatATrailDoesNotHaveIsNull(t *testing.T) {
	docs := fstest.MapFS{"111111111111/global/cloudtrail.json": {Data: []byte(elsewhere)}}
	resources, _ := awstest.Collect(t, docs, awssim.Faults{}, trail())
	want := map[string]any{
		"advanced_event_selector": []any{map[string]any{"name": nil, "field_selector": []any{map[string]any{
			"field": "eventCategory", "equals": []any{"Management"}, "not_equals": []any{},
			"starts_with": []any{}, "not_starts_with": []any{}, "ends_with": []any{}, "not_ends_with": []any{},
		}}}},
		"cloud_watch_logs_group_arn": nil, "enable_log_file_validation": false, "enable_logging": true, "event_selector": []any{},
		"include_global_service_events": false, "is_multi_region_trail": true, "is_organization_trail": false, "kms_key_id": nil,
		"latest_cloud_watch_logs_delivery_error": nil, "latest_cloud_watch_logs_delivery_time": nil, "s3_bucket_name": "b",
	}
	if diff := cmp.Diff(want, resources[0].Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestATrailDeletedMeanwhileIsLeftOut(t *testing.T) {
	docs := fstest.MapFS{"111111111111/global/cloudtrail.json": {Data: []byte(`{
		"DescribeTrails": {"TrailList": [{"Name": "t", "TrailARN": "arn:aws:cloudtrail:us-east-1:111111111111:trail/t", "HomeRegion": "us-east-1", "S3BucketName": "b"}]},
		"ListTags": {"__error__": "ResourceNotFoundException"}
	}`)}}
	resources, gaps := awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
	if len(resources)+len(gaps) > 0 {
		t.Errorf("got %+v, %+v", resources, gaps)
	}
}
