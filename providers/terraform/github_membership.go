package terraform

// githubMembership is a member or owner. What the person does, and how they sign in,
// a plan does not tell.
func githubMembership() mapping {
	return mapping{
		typ:        "github_membership",
		settled:    []string{"added_at", "external_identity", "identity_provider_configured", "last_audit_event_at", "last_contribution_at", "two_factor_disabled"},
		attributes: map[string]func(n *node) any{"role": func(n *node) any { return or(n.at("role"), "member") }},
		name:       "username",
		region:     func(*node) any { return nil },
	}
}
