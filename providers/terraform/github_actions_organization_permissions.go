package terraform

func githubActionsOrganizationPermissions() mapping {
	return mapping{
		typ: "github_actions_organization_permissions",
		attributes: map[string]func(n *node) any{
			// What GitHub allows where the plan leaves it open is not in the plan.
			"allowed_actions": func(n *node) any {
				return then(n.at("enabled_repositories"), func(v any) any {
					if v == "none" {
						return nil
					}
					return or(n.at("allowed_actions"), unknown{deferred})
				})
			},
			"allowed_actions_config": func(n *node) any {
				return then(or(n.at("allowed_actions"), unknown{deferred}), func(v any) any {
					if v != "selected" {
						return nil
					}
					return then(or(n.at("allowed_actions_config", 0), unknown{deferred}), func(b any) any {
						return map[string]any{
							"github_owned_allowed": or(at(b, "github_owned_allowed"), false),
							"patterns_allowed":     or(at(b, "patterns_allowed"), []any{}),
							"verified_allowed":     or(at(b, "verified_allowed"), false),
						}
					})
				})
			},
			"sha_pinning_required": func(n *node) any { return or(n.at("sha_pinning_required"), unknown{deferred}) },
		},
		region: func(*node) any { return nil },
	}
}
