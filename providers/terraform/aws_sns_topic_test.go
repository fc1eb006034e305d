package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATopicHasThePolicyThatIsConfigured(t *testing.T) {
	document := `{"Statement": []}`
	empty := obj{"statements": []any{}}
	topic := func(after obj) res {
		after["name"], after["kms_master_key_id"] = "t", nil
		unknown := obj{"id": true, "arn": true}
		config := obj{"name": "t"}
		if after["policy"] == nil {
			unknown["policy"] = true
		} else {
			config["policy"] = document
		}
		return res{address: "aws_sns_topic.t", after: after, unknown: unknown, config: config}
	}
	own := res{
		address: "aws_sns_topic_policy.p", after: obj{"policy": document}, unknown: obj{"id": true, "arn": true, "owner": true},
		config: obj{"arn": "=aws_sns_topic.t.arn,aws_sns_topic.t", "policy": document},
	}
	for about, c := range map[string]struct {
		resources []res
		want      any
	}{
		"SNS's default":              {[]res{topic(obj{})}, nil},
		"in the topic itself":        {[]res{topic(obj{"policy": document})}, empty},
		"as a resource of its own":   {[]res{topic(obj{}), own}, empty},
		"of a topic that is not new": {[]res{{address: "aws_sns_topic.t", action: "update", after: obj{"name": "t", "kms_master_key_id": "", "policy": document}, config: obj{"name": "t"}}}, empty},
	} {
		want := obj{"kms_master_key_id": nil, "policy": c.want}
		if diff := cmp.Diff(want, attributes(t, "aws_sns_topic.t", c.resources...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", about, diff)
		}
	}
}
