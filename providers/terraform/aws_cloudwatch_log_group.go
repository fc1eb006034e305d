package terraform

func awsCloudwatchLogGroup() mapping {
	return mapping{
		typ:     "aws_cloudwatch_log_group",
		settled: []string{"deletion_protection_enabled", "log_group_class", "stored_bytes"},
		attributes: map[string]func(n *node) any{
			"deletion_protection_enabled": func(n *node) any { return newDefault(n, "deletion_protection_enabled", false) },
			"log_group_class":             func(n *node) any { return newDefault(n, "log_group_class", "STANDARD") },
			"retention_in_days":           func(n *node) any { return then(n.at("retention_in_days"), zeroIsNull) },
			"stored_bytes": func(n *node) any {
				if n.action == "create" {
					return int64(0)
				}
				return unknown{deferred}
			},
		},
	}
}

// newDefault returns an attribute, or what a resource that does not exist yet gets
// for it when the configuration says nothing.
func newDefault(n *node, attribute string, fallback any) any {
	v := n.at(attribute)
	if (v == nil || isUnknown(v)) && n.isNew() && !n.configured(attribute) {
		return fallback
	}
	return or(v, unknown{deferred})
}
