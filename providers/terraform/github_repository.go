package terraform

import (
	"path"
	"slices"
	"strings"
)

const (
	ghProtection     = "github_branch_protection"
	ghProtectionV3   = "github_branch_protection_v3"
	ghDefaultBranch  = "github_branch_default"
	ghRuleset        = "github_repository_ruleset"
	ghProperty       = "github_repository_custom_property"
	ghTopics         = "github_repository_topics"
	ghVulnerability  = "github_repository_vulnerability_alerts"
	ghBranchAttr     = "default_branch"
	ghProtectionAttr = "default_branch_protection"
	ghRulesAttr      = "default_branch_rules"
)

func githubRepository() mapping {
	byName := []string{"name", "id"}
	branch := []string{ghBranchAttr, "default_branch_exists", ghProtectionAttr, ghRulesAttr}
	return mapping{
		typ: "github_repository",
		satellites: []satellite{
			{typ: ghProtection, ref: "repository_id", by: []string{"node_id", "name", "id"}, affects: []string{ghProtectionAttr}},
			{typ: ghProtectionV3, ref: "repository", by: byName, affects: []string{ghProtectionAttr}},
			{typ: ghDefaultBranch, ref: "repository", by: byName, affects: branch},
			{typ: ghRuleset, ref: "repository", by: byName, affects: []string{ghRulesAttr}},
			{typ: ghProperty, ref: "repository", by: byName, affects: []string{"tags"}},
			{typ: ghTeamRepository, ref: "repository", by: byName, affects: []string{ghTeamsAttr}, optional: true},
			{typ: ghCollaborators, ref: "repository", by: byName, affects: []string{ghTeamsAttr}, optional: true},
			{typ: ghTopics, ref: "repository", by: byName, affects: []string{"topics"}},
			{typ: ghVulnerability, ref: "repository", by: byName, affects: []string{"vulnerability_alerts"}},
		},
		settled: []string{ghBranchAttr, "default_branch_exists", ghProtectionAttr, ghRulesAttr, "fork", "pushed_at", ghTeamsAttr, "topics", "visibility", "vulnerability_alerts"},
		attributes: map[string]func(n *node) any{
			"archived":              func(n *node) any { return or(n.at("archived"), false) },
			ghBranchAttr:            ghBranch,
			"default_branch_exists": ghBranchExists,
			ghProtectionAttr:        ghBranchProtection,
			ghRulesAttr:             ghBranchRules,
			"fork":                  ghFork,
			"open_secret_alerts":    ghSecretAlerts,
			"security_and_analysis": ghSecurity,
			ghTeamsAttr:             ghTeams,
			"topics":                ghTopicsOf,
			"visibility":            ghVisibility,
			"vulnerability_alerts":  ghVulnerabilityAlerts,
		},
		region: func(*node) any { return nil },
		tags:   ghTags,
	}
}

// made reports whether the plan makes the resource, so that what the plan does not
// give it, it does not have.
func made(n *node) bool { return n.action == "create" || n.action == "replace" }

// empty reports whether a repository starts without a commit: neither initialised
// nor made from another one. It is an unknown where the plan does not tell.
func ghEmpty(n *node) any {
	for _, a := range []string{"auto_init", "template", "source_repo", "fork"} {
		v := n.at(a)
		switch {
		case isUnknown(v) && n.configured(a):
			return v
		case isUnknown(v), v == nil, v == false, v == "", v == "false":
		default:
			if l, ok := v.([]any); !ok || len(l) > 0 {
				return false
			}
		}
	}
	return true
}

// ghBranch returns the name of the default branch.
func ghBranch(n *node) any {
	if s := n.only(ghDefaultBranch); s != nil {
		return s.at("branch")
	}
	return or(n.at(ghBranchAttr), unknown{deferred}) // the organisation's default
}

func ghBranchExists(n *node) any {
	switch {
	case n.only(ghDefaultBranch) != nil:
		return true // GitHub makes no branch the default one that does not exist
	case made(n):
		return then(ghEmpty(n), func(v any) any { return v == false })
	case ghEmpty(n) == false:
		return true // it began with a commit, and GitHub deletes no default branch
	}
	return unknown{deferred} // somebody may have pushed to it
}

// ghBranchProtection returns the classic protection that holds for the default
// branch. Of several patterns that match it, GitHub takes the one that is its name,
// failing that the oldest, which a plan does not tell.
func ghBranchProtection(n *node) any {
	branch := ghBranch(n)
	name, known := branch.(string)
	var exact, loose []*node
	for _, s := range slices.Concat(n.all(ghProtection), n.all(ghProtectionV3)) {
		pattern := s.at("pattern")
		if s.typ == ghProtectionV3 {
			pattern = s.at("branch")
		}
		p, ok := pattern.(string)
		switch {
		case !ok || !known:
			return unknown{deferred}
		case p == name:
			exact = append(exact, s)
		case s.typ == ghProtection && ghMatches(p, name):
			loose = append(loose, s)
		}
	}
	switch {
	case len(exact) == 1:
		return ghProtectionOf(exact[0])
	case len(exact) == 0 && len(loose) == 1 && made(n):
		return ghProtectionOf(loose[0])
	case len(exact)+len(loose) == 0 && made(n):
		return nil
	}
	return unknown{deferred} // there may be protection that the plan does not manage
}

// ghMatches is fnmatch as GitHub uses it: a star stops at a slash.
func ghMatches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

func ghProtectionOf(s *node) any {
	return map[string]any{
		"allows_deletions":              or(s.at("allows_deletions"), false),
		"allows_force_pushes":           or(s.at("allows_force_pushes"), false),
		"enforce_admins":                or(s.at("enforce_admins"), false),
		"lock_branch":                   or(s.at("lock_branch"), false),
		"required_pull_request_reviews": ghBlock(s.at("required_pull_request_reviews"), ghReviews),
		"required_status_checks":        ghBlock(s.at("required_status_checks"), ghChecks),
	}
}

// ghBlock returns what f makes of a block that may occur once, null without it.
func ghBlock(v any, f func(block any) any) any {
	return then(v, func(v any) any {
		if l, ok := v.([]any); ok && len(l) > 0 {
			return then(l[0], f)
		}
		return nil
	})
}

func ghReviews(b any) any {
	return map[string]any{
		"dismiss_stale_reviews":           or(at(b, "dismiss_stale_reviews"), false),
		"require_code_owner_reviews":      or(at(b, "require_code_owner_reviews"), false),
		"require_last_push_approval":      or(at(b, "require_last_push_approval"), false),
		"required_approving_review_count": or(at(b, "required_approving_review_count"), int64(1)),
	}
}

// ghChecks reads the checks of either form: contexts, or checks written
// context:app of the older resource, which computes the one from the other.
func ghChecks(b any) any {
	contexts := at(b, "contexts")
	if l, ok := at(b, "checks").([]any); ok && len(l) > 0 {
		contexts = each(l, func(v any) any {
			s, _ := v.(string)
			if i := strings.LastIndex(s, ":"); i >= 0 && strings.Trim(s[i+1:], "-0123456789") == "" {
				return s[:i]
			}
			return s
		})
	}
	return map[string]any{"strict": or(at(b, "strict"), false), "contexts": or(contexts, []any{})}
}

// ghFork reads a boolean that the provider keeps as a string.
func ghFork(n *node) any {
	v := n.at("fork")
	if made(n) && !n.configured("fork") {
		return false
	}
	return then(v, func(v any) any {
		if v == nil {
			return unknown{deferred} // an older provider does not read it
		}
		return v == "true" || v == true
	})
}

// ghSecretAlerts: what does not exist yet has no alerts, unless its history does.
func ghSecretAlerts(n *node) any {
	if made(n) && ghEmpty(n) == true {
		return []any{}
	}
	return unknown{deferred}
}

// ghSecurity returns the security features. What the plan does not set keeps what
// GitHub or the organisation chose.
func ghSecurity(n *node) any {
	return then(or(n.at("security_and_analysis", 0), unknown{deferred}), func(v any) any {
		out := map[string]any{}
		for _, feature := range []string{"advanced_security", "secret_scanning", "secret_scanning_push_protection"} {
			out[feature] = unknown{deferred}
			if status := at(v, feature, 0, "status"); status != nil && status != "" {
				out[feature] = map[string]any{"status": status}
			}
		}
		return out
	})
}

func ghTopicsOf(n *node) any {
	if s := n.only(ghTopics); s != nil {
		return or(s.at("topics"), []any{})
	}
	if v := n.at("topics"); !isUnknown(v) && v != nil {
		return v
	} else if n.configured("topics") {
		return v
	}
	if made(n) {
		return []any{}
	}
	return unknown{deferred}
}

// ghVisibility: without a word about it the provider makes public repositories.
func ghVisibility(n *node) any {
	v := n.at("visibility")
	if !isUnknown(v) && v != nil || n.configured("visibility") {
		return v
	}
	if n.configured("private") {
		return then(n.at("private"), func(v any) any {
			if v == true {
				return "private"
			}
			return "public"
		})
	}
	if made(n) {
		return "public"
	}
	return unknown{deferred}
}

func ghVulnerabilityAlerts(n *node) any {
	if s := n.only(ghVulnerability); s != nil {
		return or(s.at("enabled"), true)
	}
	return or(n.at("vulnerability_alerts"), unknown{deferred}) // the organisation's default
}

// ghTags returns the custom properties. On a repository that exists there may be
// others, which the plan does not manage.
func ghTags(n *node) any {
	if !made(n) {
		return unknown{deferred}
	}
	out := map[string]any{}
	for _, s := range n.all(ghProperty) {
		key, ok := s.at("property_name").(string)
		if !ok {
			return unknown{deferred}
		}
		out[key] = then(s.at("property_value"), func(v any) any {
			if u, ok := anyUnknown(v); ok {
				return u
			}
			l, _ := v.([]any)
			var values []string
			for _, e := range l {
				if text, ok := e.(string); ok {
					values = append(values, text)
				}
			}
			return strings.Join(values, ",")
		})
	}
	return out
}
