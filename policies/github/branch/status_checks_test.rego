package metsuke.github.branch.status_checks_test

import data.metsuke.github.branch.status_checks as policy

repository(protection, rules) := {
	"resource": {"attributes": {
		"archived": false,
		"fork": false,
		"default_branch_exists": true,
		"default_branch_protection": protection,
		"default_branch_rules": object.union(no_rules, rules),
	}},
	"params": {"strict": true},
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

checks(contexts, strict) := {"required_status_checks": {"contexts": contexts, "strict": strict}}

unchecked := {{
	"message": "no status check is required before a merge into the default branch",
	"path": "default_branch_protection.required_status_checks",
	"key": "checks",
}}

outdated := {{
	"message": "a merge into the default branch does not wait until its checks have run on top of it",
	"path": "default_branch_protection.required_status_checks",
	"key": "strict",
}}

test_fails_without_checks if {
	policy.deny == unchecked with input as repository(null, {})
	policy.deny == unchecked with input as repository(protection, {})
	policy.deny == unchecked with input as repository(object.union(protection, checks([], true)), {})
}

test_fails_when_the_branch_may_be_out_of_date if {
	policy.deny == outdated with input as repository(object.union(protection, checks(["ci"], false)), {})
	policy.deny == outdated with input as repository(null, checks(["ci"], false))
}

test_passes_an_out_of_date_branch_when_told_to if {
	lenient := {"params": {"strict": false}}
	policy.deny == set() with input as object.union(repository(null, checks(["ci"], false)), lenient)
}

test_passes_with_checks_on_top_of_the_branch if {
	policy.deny == set() with input as repository(object.union(protection, checks(["ci"], true)), {})
	policy.deny == set() with input as repository(null, checks(["ci"], true))
}

test_being_up_to_date_counts_where_there_are_checks if {
	policy.deny == outdated with input as repository(object.union(protection, checks([], true)), checks(["ci"], false))
}

test_passes_a_locked_branch if {
	policy.deny == set() with input as repository(object.union(protection, {"lock_branch": true}), {})
}

test_archived_empty_and_forked_repositories_are_not_judged if {
	policy.applicable with input as repository(null, {})
	not policy.applicable with input as with_attribute("archived", true)
	not policy.applicable with input as with_attribute("fork", true)
	not policy.applicable with input as with_attribute("default_branch_exists", false)
}

with_attribute(name, value) := object.union(repository(null, {}), {"resource": {"attributes": {name: value}}})
