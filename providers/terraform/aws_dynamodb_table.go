package terraform

import (
	"cmp"
	"fmt"
	"slices"
)

func awsDynamoDBTable() mapping {
	return mapping{
		typ:     "aws_dynamodb_table",
		settled: []string{"kms_key_arn", "table_class"},
		attributes: map[string]func(n *node) any{
			"billing_mode":                func(n *node) any { return or(n.at("billing_mode"), "PROVISIONED") },
			"deletion_protection_enabled": func(n *node) any { return newDefault(n, "deletion_protection_enabled", false) },
			"global_secondary_indexes": func(n *node) any {
				indexes := each(n.at("global_secondary_index"), func(i any) any {
					return map[string]any{
						"name": at(i, "name"), "read_capacity": units(n, at(i, "read_capacity")), "write_capacity": units(n, at(i, "write_capacity")),
					}
				})
				if l, ok := indexes.([]any); ok {
					slices.SortStableFunc(l, func(a, b any) int {
						return cmp.Compare(fmt.Sprint(at(a, "name")), fmt.Sprint(at(b, "name")))
					})
				}
				return indexes
			},
			"item_count": func(*node) any { return nil },
			"kms_key_arn": func(n *node) any {
				block := n.at("server_side_encryption")
				if isUnknown(block) && n.isNew() && !n.configured("server_side_encryption") {
					return nil
				}
				return then(at(block, 0, "enabled"), func(enabled any) any {
					if enabled != true {
						return nil // DynamoDB's own key
					}
					// Without a key of its own the table gets the account's aws/dynamodb.
					return or(at(block, 0, "kms_key_arn"), unknown{deferred})
				})
			},
			"point_in_time_recovery": func(n *node) any {
				block := n.at("point_in_time_recovery")
				if isUnknown(block) && n.isNew() && !n.configured("point_in_time_recovery") {
					return false
				}
				return or(at(block, 0, "enabled"), false)
			},
			"read_capacity":    func(n *node) any { return units(n, n.at("read_capacity")) },
			"table_class":      func(n *node) any { return or(newDefault(n, "table_class", "STANDARD"), "STANDARD") },
			"table_size_bytes": func(*node) any { return nil },
			"write_capacity":   func(n *node) any { return units(n, n.at("write_capacity")) },
		},
	}
}

// units are the provisioned capacity units; on demand there are none, whatever the
// plan keeps of earlier times.
func units(n *node, v any) any {
	mode := n.at("billing_mode")
	switch {
	case mode == "PAY_PER_REQUEST":
		return int64(0)
	case isUnknown(mode):
		return mode
	}
	return or(v, int64(0))
}
