package terraform

// githubMembership is a member or owner. What the person does, and how they sign in,
// a plan does not tell.
func githubMembership() mapping {
	return mapping{
		typ:        "github_membership",
		attributes: map[string]func(n *node) any{"role": func(n *node) any { return or(n.at("role"), "member") }},
		name:       "username",
		region:     func(*node) any { return nil },
	}
}
