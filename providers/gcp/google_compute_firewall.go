package gcp

import "strings"

func computeFirewall() kind {
	return kind{
		typ:     "google_compute_firewall",
		assets:  []string{"compute.googleapis.com/Firewall"},
		created: "creationTimestamp",
		name:    nameField,
		read: func(d document) map[string]any {
			priority := d.data.number("priority")
			if priority == nil {
				priority = float64(1000)
			}
			return map[string]any{
				"project":       d.project(),
				"network":       d.data.textOr("", "network"),
				"direction":     d.data.textOr("INGRESS", "direction"),
				"disabled":      d.data.flag("disabled"),
				"priority":      priority,
				"source_ranges": sourceRanges(d.data),
				"source_tags":   d.data.strings("sourceTags"),
				"target_tags":   d.data.strings("targetTags"),
				"allow":         each(d.data.objects("allowed"), protocolAndPorts),
				"deny":          each(d.data.objects("denied"), protocolAndPorts),
			}
		},
	}
}

// sourceRanges writes out that an ingress rule without any source takes
// everything.
func sourceRanges(data object) []any {
	ranges := data.strings("sourceRanges")
	if len(ranges) == 0 && data.textOr("INGRESS", "direction") == "INGRESS" &&
		len(data.strings("sourceTags")) == 0 && len(data.strings("sourceServiceAccounts")) == 0 {
		return []any{"0.0.0.0/0"}
	}
	return ranges
}

func protocolAndPorts(o object) any {
	return map[string]any{"protocol": strings.ToLower(o.textOr("", "IPProtocol")), "ports": o.strings("ports")}
}
