package sqs

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

func TestAQueueWithoutAPolicyHasANullPolicy(t *testing.T) {
	docs := fstest.MapFS{"111111111111/us-east-1/sqs.json": {Data: []byte(`{
		"ListQueues": {"QueueUrls": ["https://sqs.us-east-1.amazonaws.com/111111111111/q"]},
		"ListQueueTags": {"Tags": {"Owner": "data"}},
		"GetQueueAttributes": {"Attributes": {"CreatedTimestamp": "1672567200", "SqsManagedSseEnabled": "true"}}
	}`)}}
	resources, gaps := awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
	want := []providers.Resource{{
		Scope:   providers.Scope{Provider: "aws", ID: "111111111111", Name: "management", Labels: map[string]string{"organization_role": "management"}},
		Type:    "aws_sqs_queue",
		ID:      "arn:aws:sqs:us-east-1:111111111111:q",
		Name:    "q",
		Region:  "us-east-1",
		Tags:    map[string]string{"Owner": "data"},
		Created: time.Date(2023, 1, 1, 10, 0, 0, 0, time.UTC),
		Attributes: map[string]any{
			"kms_master_key_id": nil, "policy": nil, "sqs_managed_sse_enabled": true,
		},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}
