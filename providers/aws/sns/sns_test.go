package sns

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

func collect(t *testing.T, attributes string) ([]providers.Resource, []providers.Gap) {
	t.Helper()
	docs := fstest.MapFS{
		"111111111111/us-east-1/sns.json": {Data: []byte(`{
			"ListTopics": {"Topics": [{"TopicArn": "arn:aws:sns:us-east-1:111111111111:t.fifo"}]}, "GetTopicAttributes": ` + attributes + `
		}`)},
		"111111111111/us-east-1/resourcegroupstaggingapi.json": {Data: []byte(`{
			"GetResources/sns:topic": {"ResourceTagMappingList": [{"ResourceARN": "arn:aws:sns:us-east-1:111111111111:t.fifo", "Tags": [{"Key": "Owner", "Value": "data"}]}]}
		}`)},
	}
	return awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
}

func TestATopicWithoutAKeyHasANullKey(t *testing.T) {
	resources, gaps := collect(t, `{"Attributes": {"Policy": "{\"Statement\":[]}"}}`)
	want := []providers.Resource{{
		Scope:      providers.Scope{Provider: "aws", ID: "111111111111", Name: "management", Labels: map[string]string{"organization_role": "management"}},
		Type:       "aws_sns_topic",
		ID:         "arn:aws:sns:us-east-1:111111111111:t.fifo",
		Name:       "t.fifo",
		Region:     "us-east-1",
		Tags:       map[string]string{"Owner": "data"},
		Attributes: map[string]any{"kms_master_key_id": nil, "policy": map[string]any{"statements": []any{}}},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestATopicWhosePolicyCannotBeReadIsUnknown(t *testing.T) {
	for answer, want := range map[string]map[string]providers.Reason{
		`{"Attributes": {}}`:                              {"policy": providers.Failed},
		`{"Attributes": {"Policy": "{\"Statement\":[{"}}`: {"policy": providers.Failed},
		`{"__error__": "AuthorizationError"}`:             {"policy": providers.Denied, "kms_master_key_id": providers.Denied},
	} {
		resources, gaps := collect(t, answer)
		if len(resources) != 1 || len(gaps) != 1 {
			t.Fatalf("%s: got %d resources and the gaps %+v", answer, len(resources), gaps)
		}
		if diff := cmp.Diff(want, resources[0].Unknown); diff != "" {
			t.Errorf("%s: unknown (-want +got):\n%s", answer, diff)
		}
	}
}

func TestATopicThatIsDeletedMeanwhileIsLeftOut(t *testing.T) {
	resources, gaps := collect(t, `{"__error__": "NotFound"}`)
	if len(resources)+len(gaps) > 0 {
		t.Errorf("got %d resources and the gaps %+v, want none", len(resources), gaps)
	}
}
