package metsuke.github.repo.public_approved_test

import data.metsuke.github.repo.public_approved as policy

repository(visibility, topics, tags) := {
	"resource": {"tags": tags, "attributes": {"visibility": visibility, "topics": topics}},
	"params": {"approval": "public-approved"},
}

unapproved := {{
	"message": "the repository is public and has neither the topic nor the custom property public-approved",
	"path": "visibility",
}}

test_fails_when_public_without_approval if {
	policy.deny == unapproved with input as repository("public", [], {})
	policy.deny == unapproved with input as repository("public", ["css"], {"owner": "web"})
}

test_fails_when_the_property_says_no if {
	policy.deny == unapproved with input as repository("public", [], {"public-approved": "false"})
	policy.deny == unapproved with input as repository("public", [], {"public-approved": "No"})
}

test_passes_with_the_topic_or_the_property if {
	policy.deny == set() with input as repository("public", ["public-approved"], {})
	policy.deny == set() with input as repository("public", [], {"public-approved": "true"})
	policy.deny == set() with input as repository("public", [], {"public-approved": "2026-03"})
}

test_passes_when_not_public if {
	policy.deny == set() with input as repository("private", [], {})
	policy.deny == set() with input as repository("internal", [], {})
}
