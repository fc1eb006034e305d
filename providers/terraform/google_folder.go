package terraform

func googleFolder() mapping {
	return mapping{
		typ:    "google_folder",
		name:   "display_name",
		region: global,
		attributes: map[string]func(n *node) any{
			"folder_id":       func(n *node) any { return later(n, nil, "folder_id") },
			"lifecycle_state": func(*node) any { return "ACTIVE" },
			// Grants are resources of their own in a plan: see googleProjectIAM.
			"iam_bindings": func(*node) any { return []any{} },
		},
	}
}
