package terraform

func awsCloudTrail() mapping {
	return mapping{
		typ: "aws_cloudtrail",
		attributes: map[string]func(n *node) any{
			"advanced_event_selector": func(n *node) any { return each(n.at("advanced_event_selector"), advancedSelector) },
			"enable_logging":          func(n *node) any { return or(n.at("enable_logging"), true) },
			// A trail without any selectors has the one that CloudTrail gives it.
			"event_selector": func(n *node) any {
				return then(each(n.at("event_selector"), basicSelector), func(basic any) any {
					return then(n.at("advanced_event_selector"), func(advanced any) any {
						if at(basic, 0) != nil || at(advanced, 0) != nil {
							return basic
						}
						return []any{basicSelector(map[string]any{})}
					})
				})
			},
			"latest_cloud_watch_logs_delivery_error": func(*node) any { return nil },
			"latest_cloud_watch_logs_delivery_time":  func(*node) any { return nil },
			// Joins with the bucket need its name, which the plan has where it has the bucket.
			"s3_bucket_name": func(n *node) any {
				name := n.at("s3_bucket_name")
				if !isUnknown(name) {
					return name
				}
				if to, exact := n.refs("s3_bucket_name"); exact && len(to) == 1 && to[0].typ == "aws_s3_bucket" {
					return to[0].at("bucket")
				}
				return name
			},
		},
	}
}

// awsCloudTrailOrganizationTrail has no Terraform type: what a member account sees
// of its organisation's trails is not declared anywhere. It is here to say that a
// plan has none, which is not the same as that they could not be read.
func awsCloudTrailOrganizationTrail() mapping {
	return mapping{typ: "aws_cloudtrail_organization_trail"}
}

func basicSelector(s any) any {
	return map[string]any{
		"read_write_type": or(at(s, "read_write_type"), "All"), "include_management_events": or(at(s, "include_management_events"), true),
		"exclude_management_event_sources": or(at(s, "exclude_management_event_sources"), []any{}),
		"data_resource":                    each(at(s, "data_resource"), func(r any) any { return r }),
	}
}

func advancedSelector(s any) any {
	return map[string]any{
		"name": str(at(s, "name")),
		"field_selector": each(at(s, "field_selector"), func(f any) any {
			out := map[string]any{"field": at(f, "field")}
			for _, k := range []string{"equals", "not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with"} {
				out[k] = or(at(f, k), []any{})
			}
			return out
		}),
	}
}
