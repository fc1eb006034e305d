package metsuke.github.branch.protected_test

import data.metsuke.github.branch.protected as policy

repository(protection, rules) := {
	"resource": {"attributes": {
		"archived": false,
		"fork": false,
		"default_branch_exists": true,
		"default_branch_protection": protection,
		"default_branch_rules": object.union(no_rules, rules),
	}},
	"params": {},
}

no_rules := {
	"deletion": false,
	"non_fast_forward": false,
	"pull_request": null,
	"required_status_checks": null,
	"types": [],
	"update": false,
}

protection := {
	"allows_deletions": false,
	"allows_force_pushes": false,
	"enforce_admins": true,
	"lock_branch": false,
	"required_pull_request_reviews": null,
	"required_status_checks": null,
}

test_fails_without_any_rule if {
	policy.deny == {{
		"message": "nothing protects the default branch",
		"path": "default_branch_protection",
	}} with input as repository(null, {})
}

test_passes_with_classic_protection if {
	policy.deny == set() with input as repository(protection, {})
}

test_passes_with_a_ruleset if {
	policy.deny == set() with input as repository(null, {"types": ["deletion"], "deletion": true})
}

test_archived_empty_and_forked_repositories_are_not_judged if {
	policy.applicable with input as repository(null, {})
	not policy.applicable with input as with_attribute("archived", true)
	not policy.applicable with input as with_attribute("fork", true)
	not policy.applicable with input as with_attribute("default_branch_exists", false)
}

with_attribute(name, value) := object.union(repository(null, {}), {"resource": {"attributes": {name: value}}})
