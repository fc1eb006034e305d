package terraform

import (
	"slices"
	"strings"
)

// The Terraform types that give teams a role on a repository, and the team itself.
const (
	ghTeam           = "github_team"
	ghTeamRepository = "github_team_repository"
	ghCollaborators  = "github_repository_collaborators"
	ghTeamsAttr      = "teams"
)

// ghTeams returns the teams that are given a role on the repository. Those of one that the
// plan makes are in the plan; one that exists may have others, unless
// github_repository_collaborators says who has access: it takes everybody else's away, but
// for the teams that it is told to ignore.
func ghTeams(n *node) any {
	all := n.only(ghCollaborators)
	switch {
	case all != nil && ghIgnoresTeams(all), all == nil && !made(n):
		return unknown{deferred}
	case all == nil && ghFork(n) != false:
		return unknown{deferred} // it may come with the teams of what it is made from
	}
	organization := ghOrganization(n)
	out := []any{}
	for _, s := range n.all(ghTeamRepository) {
		out = append(out, map[string]any{
			"organization": organization, "slug": ghTeamSlug(s, "team_id", s.at("team_id")), "role": ghRole(or(s.at("permission"), "pull")),
		})
	}
	if all == nil {
		return out
	}
	blocks := all.at("team")
	if u, ok := blocks.(unknown); ok {
		return u
	}
	reference := "team"
	if len(listIn(blocks)) > 1 {
		reference = "" // which block refers to which team cannot be told
	}
	for _, b := range listIn(blocks) {
		out = append(out, map[string]any{
			"organization": organization, "slug": ghTeamSlug(all, reference, at(b, "team_id")), "role": ghRole(or(at(b, "permission"), "push")),
		})
	}
	return out
}

// ghIgnoresTeams reports whether teams that it does not name may keep their access.
func ghIgnoresTeams(collaborators *node) bool {
	ignored := collaborators.at("ignore_team")
	return isUnknown(ignored) || len(listIn(ignored)) > 0
}

// ghOrganization returns the login of the organisation that holds the repository, where the
// plan tells: it may be in the environment of Terraform.
func ghOrganization(n *node) any {
	for _, argument := range []string{"owner", "organization"} {
		if v, ok := n.provider(argument).(string); ok && v != "" {
			return v
		}
	}
	if name, ok := n.at("full_name").(string); ok {
		if owner, _, ok := strings.Cut(name, "/"); ok {
			return owner
		}
	}
	return unknown{deferred}
}

// ghTeamSlug returns the slug of the team that the value of an argument names: by its slug,
// or by its id where the team is in the plan. reference is the argument of s; "" is that
// the references cannot be told apart.
func ghTeamSlug(s *node, reference string, v any) any {
	id, known := v.(string)
	if known && id != "" && strings.Trim(id, "0123456789") != "" {
		return id
	}
	if known && id != "" {
		for _, team := range s.beside(ghTeam) {
			if team.at("id") == id {
				return ghSlug(team)
			}
		}
		return unknown{deferred} // a team that is not in the plan
	}
	if reference == "" {
		return unknown{deferred}
	}
	to, exact := s.refs(reference)
	to = slices.DeleteFunc(to, func(o *node) bool { return o.typ != ghTeam })
	if !exact || len(to) != 1 {
		return unknown{deferred}
	}
	return ghSlug(to[0])
}

// ghSlug returns the slug of a team. Before there is one it follows from the name, where
// that has nothing but letters, digits, spaces and hyphens between them.
func ghSlug(team *node) any {
	if slug, ok := team.at("slug").(string); ok && slug != "" {
		return slug
	}
	name, ok := team.at("name").(string)
	slug := strings.ReplaceAll(strings.ToLower(name), " ", "-")
	if !ok || slug == "" || strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" ||
		strings.Contains(slug, "--") || strings.HasPrefix(slug, "-") || strings.HasSuffix(slug, "-") {
		return unknown{deferred}
	}
	return slug
}

// ghRole returns a permission under the name that people see.
func ghRole(permission any) any {
	switch permission {
	case "pull":
		return "read"
	case "push":
		return "write"
	}
	return permission
}
