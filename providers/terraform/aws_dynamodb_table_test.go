package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestANewTableHasTheDefaultsThatAreCertain(t *testing.T) {
	table := res{
		address: "aws_dynamodb_table.t",
		after:   obj{"name": "t", "billing_mode": "PAY_PER_REQUEST", "deletion_protection_enabled": nil, "table_class": nil, "global_secondary_index": []any{}},
		unknown: obj{"id": true, "arn": true, "read_capacity": true, "write_capacity": true, "point_in_time_recovery": true, "server_side_encryption": true},
		config:  obj{"name": "t", "billing_mode": "PAY_PER_REQUEST"},
	}
	want := obj{
		"billing_mode": "PAY_PER_REQUEST", "deletion_protection_enabled": false, "global_secondary_indexes": []any{}, "item_count": nil,
		"kms_key_arn": nil, "point_in_time_recovery": false, "read_capacity": int64(0), "table_class": "STANDARD", "table_size_bytes": nil,
		"write_capacity": int64(0),
	}
	if diff := cmp.Diff(want, attributes(t, table.address, table)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestATableHasWhatIsConfigured(t *testing.T) {
	after := obj{
		"name": "t", "billing_mode": "PROVISIONED", "read_capacity": 5, "write_capacity": 6, "deletion_protection_enabled": true, "table_class": "STANDARD_INFREQUENT_ACCESS",
		"global_secondary_index": []any{obj{"name": "b", "read_capacity": 1, "write_capacity": 2}, obj{"name": "a", "read_capacity": 3, "write_capacity": 4}},
		"point_in_time_recovery": []any{obj{"enabled": true}}, "server_side_encryption": []any{obj{"enabled": true, "kms_key_arn": "arn:k"}},
	}
	want := obj{
		"billing_mode": "PROVISIONED", "deletion_protection_enabled": true, "item_count": nil, "kms_key_arn": "arn:k", "point_in_time_recovery": true,
		"read_capacity": int64(5), "table_class": "STANDARD_INFREQUENT_ACCESS", "table_size_bytes": nil, "write_capacity": int64(6),
		"global_secondary_indexes": []any{
			obj{"name": "a", "read_capacity": int64(3), "write_capacity": int64(4)},
			obj{"name": "b", "read_capacity": int64(1), "write_capacity": int64(2)},
		},
	}
	table := res{address: "aws_dynamodb_table.t", after: after, config: obj{"name": "t"}}
	if diff := cmp.Diff(want, attributes(t, table.address, table)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	after["server_side_encryption"] = []any{obj{"enabled": true, "kms_key_arn": ""}}
	if got := attributes(t, table.address, table); got["? kms_key_arn"] != "deferred" {
		t.Errorf("without a key of its own kms_key_arn is %v, want unknown: the account's key is not known", got["kms_key_arn"])
	}
	after["server_side_encryption"] = []any{obj{"enabled": false, "kms_key_arn": ""}}
	if got, ok := attributes(t, table.address, table)["kms_key_arn"]; !ok || got != nil {
		t.Errorf("with DynamoDB's own key kms_key_arn is %v, want null", got)
	}
}
