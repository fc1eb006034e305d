package terraform

func googleProjectType() mapping {
	return mapping{
		typ:    "google_project",
		name:   "project_id",
		region: global,
		attributes: map[string]func(n *node) any{
			"number":          func(n *node) any { return later(n, nil, "number") },
			"lifecycle_state": func(*node) any { return "ACTIVE" },
			"billing_enabled": func(n *node) any {
				return then(n.at("billing_account"), func(v any) any { return v != nil && v != "" })
			},
			// Grants are resources of their own in a plan, and mostly on projects that are
			// not in it: see googleProjectIAM.
			"iam_bindings":               func(*node) any { return []any{} },
			"utilization_recommendation": null,
		},
	}
}
