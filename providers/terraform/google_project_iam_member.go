package terraform

import "strings"

// googleProjectIAM is what a plan grants on a project, a folder or an organisation.
// These are rarely in the plan themselves, so that the grants cannot be folded.
func googleProjectIAM() mapping {
	var types []string
	for _, level := range []string{"google_project", "google_folder", "google_organization"} {
		types = append(types, googleIAM(level)...)
	}
	return mapping{
		typ:    "google_project_iam_member",
		also:   types[1:],
		region: global,
		attributes: map[string]func(n *node) any{
			"level": func(n *node) any {
				level, _, _ := strings.Cut(strings.TrimPrefix(n.typ, "google_"), "_")
				return level
			},
			"parent": func(n *node) any {
				for _, a := range []string{"folder", "org_id"} {
					if n.has(a) {
						return n.at(a)
					}
				}
				return googleProject(n)
			},
			"iam_bindings": func(n *node) any { return bindingsOf([]*node{n}) },
		},
	}
}
