package terraform

import "strings"

func googleComputeFirewall() mapping {
	return mapping{
		typ:    "google_compute_firewall",
		region: global,
		attributes: map[string]func(n *node) any{
			"project":   googleProject,
			"direction": func(n *node) any { return unset(n, "INGRESS", "direction") },
			"disabled":  func(n *node) any { return unset(n, false, "disabled") },
			"priority":  func(n *node) any { return unset(n, int64(1000), "priority") },
			"source_ranges": func(n *node) any {
				ranges := unset(n, nil, "source_ranges")
				open := unset(n, "INGRESS", "direction") == "INGRESS" && none(ranges) == nil
				for _, source := range []string{"source_tags", "source_service_accounts"} {
					open = open && none(n.at(source)) == nil
				}
				if open { // the API takes everything then
					return []any{"0.0.0.0/0"}
				}
				return ranges
			},
			"allow": func(n *node) any { return each(n.at("allow"), fwEntry) },
			"deny":  func(n *node) any { return each(n.at("deny"), fwEntry) },
		},
	}
}

func fwEntry(v any) any {
	return map[string]any{
		"protocol": then(at(v, "protocol"), func(v any) any {
			s, _ := v.(string)
			return strings.ToLower(s)
		}),
		"ports": at(v, "ports"),
	}
}
