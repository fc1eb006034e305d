package terraform

func googleServiceAccount() mapping {
	return mapping{
		typ:        "google_service_account",
		name:       "email",
		region:     global,
		satellites: iamSatellites("google_service_account", "service_account_id", "name", "id"),
		attributes: map[string]func(n *node) any{
			"project":      googleProject,
			"unique_id":    func(n *node) any { return later(n, nil, "unique_id") },
			"disabled":     func(n *node) any { return unset(n, false, "disabled") },
			"iam_bindings": iamBindings("google_service_account"),
		},
	}
}
