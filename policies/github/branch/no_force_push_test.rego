package metsuke.github.branch.no_force_push_test

import data.metsuke.github.branch.no_force_push as policy

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

rewritable := {{
	"message": "the history of the default branch can be rewritten",
	"path": "default_branch_protection.allows_force_pushes",
}}

test_fails_without_protection if {
	policy.deny == rewritable with input as repository(null, {"types": ["deletion"], "deletion": true})
}

test_fails_when_protection_allows_it if {
	policy.deny == rewritable with input as repository(object.union(protection, {"allows_force_pushes": true}), {})
}

test_passes_with_classic_protection if {
	policy.deny == set() with input as repository(protection, {})
}

test_passes_with_a_ruleset_whatever_classic_protection_allows if {
	policy.deny == set() with input as repository(
		object.union(protection, {"allows_force_pushes": true}),
		{"types": ["non_fast_forward"], "non_fast_forward": true},
	)
}

test_archived_empty_and_forked_repositories_are_not_judged if {
	policy.applicable with input as repository(null, {})
	not policy.applicable with input as with_attribute("archived", true)
	not policy.applicable with input as with_attribute("fork", true)
	not policy.applicable with input as with_attribute("default_branch_exists", false)
}

with_attribute(name, value) := object.union(repository(null, {}), {"resource": {"attributes": {name: value}}})
