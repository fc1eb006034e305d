package logs

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

func TestAGroupThatNeverExpiresHasANullRetentionAndAnARNWithoutAsterisk(t *testing.T) {
	docs := fstest.MapFS{
		"111111111111/us-east-1/cloudwatchlogs.json": {Data: []byte(`{"DescribeLogGroups": {"logGroups": [
			{"logGroupName": "/aws/lambda/f", "creationTime": 1672567200000, "arn": "arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/f:*"}
		]}}`)},
		"111111111111/us-east-1/resourcegroupstaggingapi.json": {Data: []byte(`{"GetResources/logs:log-group": {"ResourceTagMappingList": [
			{"ResourceARN": "arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/f", "Tags": [{"Key": "Owner", "Value": "data"}]}
		]}}`)},
	}
	resources, gaps := awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
	want := []providers.Resource{{
		Scope:   providers.Scope{Provider: "aws", ID: "111111111111", Name: "management", Labels: map[string]string{"organization_role": "management"}},
		Type:    "aws_cloudwatch_log_group",
		ID:      "arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/f",
		Name:    "/aws/lambda/f",
		Region:  "us-east-1",
		Tags:    map[string]string{"Owner": "data"},
		Created: time.Date(2023, 1, 1, 10, 0, 0, 0, time.UTC),
		Attributes: map[string]any{
			"deletion_protection_enabled": false, "kms_key_id": nil, "log_group_class": "STANDARD", "retention_in_days": nil, "stored_bytes": int64(0),
		},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}
