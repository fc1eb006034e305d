package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestALogGroupWithoutRetentionKeepsItsEventsForEver(t *testing.T) {
	group := res{
		address: "aws_cloudwatch_log_group.g", after: obj{"name": "/app", "retention_in_days": 0, "kms_key_id": nil},
		unknown: obj{"id": true, "arn": true, "log_group_class": true}, config: obj{"name": "/app"},
	}
	want := obj{"deletion_protection_enabled": false, "kms_key_id": nil, "log_group_class": "STANDARD", "retention_in_days": nil, "stored_bytes": int64(0)}
	if diff := cmp.Diff(want, attributes(t, group.address, group)); diff != "" {
		t.Errorf("a new group (-want +got):\n%s", diff)
	}
	group.action, group.unknown = "update", nil
	group.after = obj{"name": "/app", "retention_in_days": 30, "kms_key_id": "k", "log_group_class": "INFREQUENT_ACCESS", "deletion_protection_enabled": true}
	want = obj{"deletion_protection_enabled": true, "kms_key_id": "k", "log_group_class": "INFREQUENT_ACCESS", "retention_in_days": int64(30), "? stored_bytes": "deferred"}
	if diff := cmp.Diff(want, attributes(t, group.address, group)); diff != "" {
		t.Errorf("an existing one (-want +got):\n%s", diff)
	}
}
