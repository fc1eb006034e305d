package metsuke.github.branch.review_required_test

import data.metsuke.github.branch.review_required as policy

repository(protection, rules) := {
	"resource": {"attributes": {
		"archived": false,
		"fork": false,
		"default_branch_exists": true,
		"default_branch_protection": protection,
		"default_branch_rules": object.union(no_rules, rules),
	}},
	"params": {"min_approvals": 1},
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

reviews(approvals) := object.union(protection, {"required_pull_request_reviews": {
	"dismiss_stale_reviews": true,
	"require_code_owner_reviews": false,
	"require_last_push_approval": false,
	"required_approving_review_count": approvals,
}})

rule(approvals) := {"types": ["pull_request"], "pull_request": {
	"dismiss_stale_reviews_on_push": true,
	"require_code_owner_review": false,
	"require_last_push_approval": false,
	"required_approving_review_count": approvals,
}}

unreviewed := {{
	"message": "changes to the default branch need fewer approvals than 1",
	"path": "default_branch_protection.required_pull_request_reviews",
}}

test_fails_without_a_review if {
	policy.deny == unreviewed with input as repository(null, {})
	policy.deny == unreviewed with input as repository(protection, {})
}

test_fails_for_pull_requests_without_approval if {
	policy.deny == unreviewed with input as repository(reviews(0), rule(0))
}

test_passes_with_an_approval if {
	policy.deny == set() with input as repository(reviews(1), {})
	policy.deny == set() with input as repository(null, rule(2))
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
