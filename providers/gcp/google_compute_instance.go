package gcp

import "slices"

func computeInstance() kind {
	const asset = "compute.googleapis.com/Instance"
	return kind{
		typ:     "google_compute_instance",
		assets:  []string{asset},
		labels:  topLabels,
		created: "creationTimestamp",
		name:    nameField,
		read: func(d document) map[string]any {
			return map[string]any{
				"project":                  d.project(),
				"zone":                     d.data.baseOr("", "zone"),
				"status":                   d.data.text("status"),
				"machine_type":             d.data.baseOr("", "machineType"),
				"service_account":          instanceServiceAccount(d.data),
				"network_interface":        each(d.data.objects("networkInterfaces"), networkInterface),
				"disk":                     each(d.data.objects("disks"), attachedDisk),
				"creation_timestamp":       d.data.text("creationTimestamp"),
				"last_stop_timestamp":      d.data.text("lastStopTimestamp"),
				"last_suspended_timestamp": d.data.text("lastSuspendedTimestamp"),
			}
		},
		policies: own(asset),
		advice: []advice{
			{
				attribute:   "idle_recommendation",
				recommender: "google.compute.instance.IdleResourceRecommender",
				permission:  "recommender.computeInstanceIdleResourceRecommendations.list",
				location:    func(d document) string { return d.data.baseOr("", "zone") },
			},
			{
				attribute:   "machine_type_recommendation",
				recommender: "google.compute.instance.MachineTypeRecommender",
				permission:  "recommender.computeInstanceMachineTypeRecommendations.list",
				location:    func(d document) string { return d.data.baseOr("", "zone") },
			},
		},
	}
}

// instanceServiceAccount returns the one service account that a VM can have.
func instanceServiceAccount(data object) any {
	accounts := data.objects("serviceAccounts")
	if len(accounts) == 0 {
		return nil
	}
	scopes := accounts[0].strings("scopes")
	slices.SortFunc(scopes, compareText)
	return map[string]any{"email": accounts[0].text("email"), "scopes": scopes}
}

func networkInterface(o object) any {
	return map[string]any{
		"network":    o.text("network"),
		"subnetwork": o.text("subnetwork"),
		"access_config": each(o.objects("accessConfigs"), func(a object) any {
			return map[string]any{"nat_ip": a.text("natIP")}
		}),
		"ipv6_access_config": each(o.objects("ipv6AccessConfigs"), func(a object) any {
			return map[string]any{"external_ipv6": a.text("externalIpv6")}
		}),
	}
}

func attachedDisk(o object) any {
	var source any
	if url, ok := o.text("source").(string); ok {
		source = resourceName(url)
	}
	return map[string]any{"source": source, "type": o.textOr("PERSISTENT", "type"), "boot": o.flag("boot")}
}
