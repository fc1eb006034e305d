package terraform

import (
	"path"
	"slices"
	"strings"
)

// ghBranchRules returns what the plan's rulesets, those of the organisation among them, are
// sure to demand. Others, which the plan does not show, may demand more, so that what is
// not demanded here is unknown, and so is one more element of each list.
func ghBranchRules(n *node) any {
	out := map[string]any{
		"deletion": unknown{deferred}, "non_fast_forward": unknown{deferred}, "update": unknown{deferred},
		"pull_request": unknown{deferred}, "required_status_checks": unknown{deferred}, "types": unknown{deferred},
	}
	rulesets := slices.DeleteFunc(n.beside("github_organization_ruleset"), func(s *node) bool { return !ghIncludesRepository(n, s) })
	var kinds, contexts []string
	strict := false
	for _, s := range slices.Concat(n.all(ghRuleset), rulesets) {
		if s.at("target") != "branch" || s.at("enforcement") != "active" || !ghIncludesDefault(n, s) {
			continue
		}
		for _, kind := range ghRuleKinds() {
			if ghDemands(s.at("rules", 0, kind)) {
				kinds = append(kinds, kind)
			}
		}
		checks, _ := s.at("rules", 0, "required_status_checks", 0, "required_check").([]any)
		for _, c := range checks {
			if name, ok := at(c, "context").(string); ok {
				contexts = append(contexts, name)
			}
		}
		strict = strict || s.at("rules", 0, "required_status_checks", 0, "strict_required_status_checks_policy") == true
	}
	for _, kind := range []string{"deletion", "non_fast_forward", "update"} {
		if slices.Contains(kinds, kind) {
			out[kind] = true
		}
	}
	if len(kinds) > 0 {
		out["types"] = andMore(kinds)
	}
	if len(contexts) > 0 {
		checks := map[string]any{"contexts": andMore(contexts), "strict": unknown{deferred}}
		if strict {
			checks["strict"] = true
		}
		out["required_status_checks"] = checks
	}
	return out
}

// ghRuleKinds are the rules for branches that the provider writes under the names that the
// API has for them (GitHub, "REST API endpoints for rules").
func ghRuleKinds() []string {
	return []string{
		"branch_name_pattern", "commit_author_email_pattern", "commit_message_pattern", "committer_email_pattern",
		"creation", "deletion", "merge_queue", "non_fast_forward", "pull_request", "required_deployments",
		"required_linear_history", "required_signatures", "required_status_checks", "update",
	}
}

// ghDemands reports whether an argument of a ruleset is a rule: a flag that is on, or a block.
func ghDemands(v any) bool {
	l, ok := v.([]any)
	return v == true || ok && len(l) > 0
}

// andMore returns the names, sorted and each once, and an unknown element for those that may
// be beside them.
func andMore(names []string) []any {
	slices.Sort(names)
	var out []any
	for _, name := range slices.Compact(names) {
		out = append(out, name)
	}
	return append(out, unknown{deferred})
}

// ghIncludesDefault reports whether a ruleset certainly holds for the default branch.
func ghIncludesDefault(n, ruleset *node) bool {
	exclude, _ := ruleset.at("conditions", 0, "ref_name", 0, "exclude").([]any)
	include, _ := ruleset.at("conditions", 0, "ref_name", 0, "include").([]any)
	if len(exclude) > 0 {
		return false
	}
	name, known := ghBranch(n).(string)
	return slices.ContainsFunc(include, func(v any) bool {
		return v == "~DEFAULT_BRANCH" || v == "~ALL" || known && v == "refs/heads/"+name
	})
}

// ghIncludesRepository reports whether a ruleset of the organisation certainly holds for a
// repository: one of the patterns in include matches its name and none in exclude can. The
// patterns are those of fnmatch (GitHub, "Creating rulesets for repositories in your
// organization"); what is told here is of those with * and ? only.
func ghIncludesRepository(n, ruleset *node) bool {
	name, known := n.at("name").(string)
	if !known || name == "" {
		return false
	}
	// Other conditions on the repository would have to hold as well.
	for _, other := range []string{"repository_id", "repository_property"} {
		if v := none(ruleset.at("conditions", 0, other)); v != nil {
			return false
		}
	}
	included, open := ruleset.at("conditions", 0, "repository_name", 0, "include").([]any)
	excluded := ruleset.at("conditions", 0, "repository_name", 0, "exclude")
	if _, unknown := anyUnknown(excluded); !open || unknown {
		return false
	}
	matches := func(v any) bool {
		p, ok := v.(string)
		is, err := path.Match(p, name)
		return ok && (p == "~ALL" || ghPlain(p) && err == nil && is)
	}
	mayMatch := func(v any) bool {
		p, _ := v.(string)
		is, err := path.Match(strings.ToLower(p), strings.ToLower(name))
		return p == "~ALL" || !ghPlain(p) || err != nil || is
	}
	return slices.ContainsFunc(included, matches) && !slices.ContainsFunc(listIn(excluded), mayMatch)
}

// ghPlain reports whether a pattern has no meaning but that of * and ?.
func ghPlain(pattern string) bool { return pattern != "" && !strings.ContainsAny(pattern, `[]{}\/!~`) }
