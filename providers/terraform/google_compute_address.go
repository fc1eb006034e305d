package terraform

import "strings"

// addressUsers are what uses the address, under their ids in the inventory: the address in
// the plan, otherwise the full resource name. What is none of Compute Engine's stays the URL
// that the API gives.
func addressUsers(n *node) any {
	return each(later(n, []any{}, "users"), func(v any) any {
		url, _ := v.(string)
		if vm := n.c.named("google_compute_instance", "self_link", url); vm != nil {
			return vm.address
		}
		if i := strings.Index(url, "/projects/"); i >= 0 && strings.Contains(url[:i], ".googleapis.com/compute/") {
			return "//compute.googleapis.com" + url[i:]
		}
		return v
	})
}

func googleComputeAddress() mapping {
	return mapping{
		typ:  "google_compute_address",
		also: []string{"google_compute_global_address"},
		attributes: map[string]func(n *node) any{
			"project": googleProject,
			"region": func(n *node) any {
				if n.typ == "google_compute_global_address" {
					return nil
				}
				return lastStep(n.at("region"))
			},
			"address_type":       func(n *node) any { return unset(n, "EXTERNAL", "address_type") },
			"status":             null,
			"purpose":            func(n *node) any { return unset(n, nil, "purpose") },
			"network_tier":       func(n *node) any { return unset(n, nil, "network_tier") },
			"users":              addressUsers,
			"creation_timestamp": func(n *node) any { return later(n, nil, "creation_timestamp") },
		},
		region: func(n *node) any {
			if n.typ == "google_compute_global_address" {
				return nil
			}
			return googleRegionOf(n)
		},
	}
}
