package terraform

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
			"users":              func(n *node) any { return later(n, []any{}, "users") },
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
