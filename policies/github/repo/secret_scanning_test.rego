package metsuke.github.repo.secret_scanning_test

import data.metsuke.github.repo.secret_scanning as policy

repository(visibility, archived, scanning, push_protection) := {
	"resource": {"attributes": {
		"visibility": visibility,
		"archived": archived,
		"security_and_analysis": {
			"advanced_security": null,
			"secret_scanning": status(scanning),
			"secret_scanning_push_protection": status(push_protection),
		},
	}},
	"params": {"private_repositories": true},
}

status(null) := null

status(text) := {"status": text} if text != null

scanning := {
	"message": "secret scanning is off",
	"path": "security_and_analysis.secret_scanning",
	"key": "secret_scanning",
}

push_protection := {
	"message": "push protection of secret scanning is off",
	"path": "security_and_analysis.secret_scanning_push_protection",
	"key": "secret_scanning_push_protection",
}

test_fails_for_each_that_is_off if {
	policy.deny == {scanning, push_protection} with input as repository("public", false, "disabled", "disabled")
	policy.deny == {push_protection} with input as repository("public", false, "enabled", "disabled")
	policy.deny == {push_protection} with input as repository("public", false, "enabled", null)
}

test_passes_with_both if {
	policy.deny == set() with input as repository("private", false, "enabled", "enabled")
}

test_an_archived_repository_needs_no_push_protection if {
	policy.deny == set() with input as repository("public", true, "enabled", "disabled")
}

test_does_not_apply_where_it_is_not_offered if {
	policy.applicable with input as repository("private", false, "disabled", "disabled")
	not policy.applicable with input as repository("private", false, null, null)
}

test_private_repositories_can_be_left_out if {
	leave_out := {"params": {"private_repositories": false}}
	not policy.applicable with input as object.union(repository("internal", false, "disabled", "disabled"), leave_out)
	policy.applicable with input as object.union(repository("public", false, "disabled", "disabled"), leave_out)
}
