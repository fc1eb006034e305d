package terraform

// githubOrganization is the settings of the organisation that the provider is
// configured for. Terraform has them under the names of the schema; what it cannot
// set, a plan does not tell.
func githubOrganization() mapping {
	return mapping{
		typ:     "github_organization",
		also:    []string{"github_organization_settings"},
		settled: []string{"code_security_default_configurations", "identity_provider", "login", "plan", "two_factor_requirement_enabled"},
		attributes: map[string]func(n *node) any{
			"default_repository_permission":                                ghSetting("default_repository_permission", "read"),
			"dependabot_alerts_enabled_for_new_repositories":               ghSetting("dependabot_alerts_enabled_for_new_repositories", false),
			"dependabot_security_updates_enabled_for_new_repositories":     ghSetting("dependabot_security_updates_enabled_for_new_repositories", false),
			"dependency_graph_enabled_for_new_repositories":                ghSetting("dependency_graph_enabled_for_new_repositories", false),
			"members_can_create_public_repositories":                       ghSetting("members_can_create_public_repositories", true),
			"secret_scanning_enabled_for_new_repositories":                 ghSetting("secret_scanning_enabled_for_new_repositories", false),
			"secret_scanning_push_protection_enabled_for_new_repositories": ghSetting("secret_scanning_push_protection_enabled_for_new_repositories", false),
		},
		region: func(*node) any { return nil },
	}
}

// ghSetting returns an argument, or its default in the provider.
func ghSetting(name string, otherwise any) func(n *node) any {
	return func(n *node) any { return or(n.at(name), otherwise) }
}
