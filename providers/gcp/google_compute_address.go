package gcp

func computeAddress() kind {
	return kind{
		typ:     "google_compute_address",
		assets:  []string{"compute.googleapis.com/Address", "compute.googleapis.com/GlobalAddress"},
		labels:  topLabels,
		created: "creationTimestamp",
		name:    nameField,
		read: func(d document) map[string]any {
			return map[string]any{
				"project":            d.project(),
				"region":             d.data.base("region"),
				"address":            d.data.text("address"),
				"address_type":       d.data.textOr("EXTERNAL", "addressType"),
				"status":             d.data.text("status"),
				"purpose":            d.data.text("purpose"),
				"network_tier":       d.data.text("networkTier"),
				"users":              resourceNames(d.data, "users"),
				"creation_timestamp": d.data.text("creationTimestamp"),
			}
		},
	}
}
