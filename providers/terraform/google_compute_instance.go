package terraform

import "strings"

func googleComputeInstance() mapping {
	return mapping{
		typ:        "google_compute_instance",
		satellites: iamSatellites("google_compute_instance", "instance_name", "name", "id", "self_link"),
		ordered:    []string{"network_interface"},
		attributes: map[string]func(n *node) any{
			"project":                     googleProject,
			"status":                      func(n *node) any { return later(n, nil, "current_status") },
			"machine_type":                func(n *node) any { return lastStep(n.at("machine_type")) },
			"service_account":             vmServiceAccount,
			"network_interface":           func(n *node) any { return each(n.at("network_interface"), vmInterface) },
			"disk":                        vmDisks,
			"creation_timestamp":          func(n *node) any { return later(n, nil, "creation_timestamp") },
			"last_stop_timestamp":         null,
			"last_suspended_timestamp":    null,
			"iam_bindings":                iamBindings("google_compute_instance"),
			"idle_recommendation":         null,
			"machine_type_recommendation": null,
		},
	}
}

// lastStep returns what follows the last slash of a URL or a path.
func lastStep(v any) any {
	return then(v, func(v any) any {
		s, _ := v.(string)
		return s[strings.LastIndexByte(s, '/')+1:]
	})
}

func vmServiceAccount(n *node) any {
	account := n.at("service_account", 0)
	if account == nil || isUnknown(account) {
		return account
	}
	return map[string]any{
		"email": unset(n, nil, "service_account", 0, "email"),
		"scopes": each(at(account, "scopes"), func(v any) any {
			s, _ := v.(string)
			if s != "" && !strings.Contains(s, "/") {
				return "https://www.googleapis.com/auth/" + s
			}
			return s
		}),
	}
}

// vmInterface counts addresses: that there is one is known before the address is.
func vmInterface(v any) any {
	address := func(attribute string) func(any) any {
		return func(c any) any {
			ip := at(c, attribute)
			if isUnknown(ip) {
				ip = nil
			}
			return map[string]any{attribute: ip}
		}
	}
	return map[string]any{
		"network": at(v, "network"), "subnetwork": at(v, "subnetwork"),
		"access_config":      each(at(v, "access_config"), address("nat_ip")),
		"ipv6_access_config": each(at(v, "ipv6_access_config"), address("external_ipv6")),
	}
}

func vmDisks(n *node) any {
	out := []any{}
	for _, block := range []string{"boot_disk", "attached_disk", "scratch_disk"} {
		disks := each(n.at(block), func(v any) any {
			typ, source := "PERSISTENT", at(v, "source")
			if block == "scratch_disk" {
				typ, source = "SCRATCH", nil
			}
			return map[string]any{"source": source, "type": typ, "boot": block == "boot_disk"}
		})
		l, ok := disks.([]any)
		if !ok {
			return disks
		}
		out = append(out, l...)
	}
	return out
}
