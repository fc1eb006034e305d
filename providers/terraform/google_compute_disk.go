package terraform

func googleComputeDisk() mapping {
	return mapping{
		typ:        "google_compute_disk",
		satellites: iamSatellites("google_compute_disk", "name", "name", "id", "self_link"),
		attributes: map[string]func(n *node) any{
			"project":               googleProject,
			"size":                  func(n *node) any { return unset(n, nil, "size") },
			"type":                  func(n *node) any { return lastStep(unset(n, "pd-standard", "type")) },
			"users":                 func(n *node) any { return later(n, []any{}, "users") },
			"kms_key_self_link":     func(n *node) any { return n.at("disk_encryption_key", 0, "kms_key_self_link") },
			"creation_timestamp":    func(n *node) any { return later(n, nil, "creation_timestamp") },
			"last_attach_timestamp": func(n *node) any { return later(n, nil, "last_attach_timestamp") },
			"last_detach_timestamp": func(n *node) any { return later(n, nil, "last_detach_timestamp") },
			"iam_bindings":          iamBindings("google_compute_disk"),
		},
	}
}
