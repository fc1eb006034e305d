package metsuke.aws.iam.root_recent_use_test

import data.metsuke.aws.iam.root_recent_use

of(password, key) := {
	"resource": {"attributes": {"root_credentials": {
		"password_enabled": true, "reported": "2026-06-30T22:00:00Z",
		"password_last_used": password, "access_key_1_last_used": key, "access_key_2_last_used": null,
	}}},
	"params": {"max_days": 1},
}

test_fails_after_recent_use if {
	finding := {{"message": "the root user was last used on 2026-06-30 at 01:00:00", "path": "root_credentials"}}
	root_recent_use.deny == finding with input as of("2026-06-30T01:00:00Z", null)
	root_recent_use.deny == finding with input as of("2024-01-01T00:00:00Z", "2026-06-30T01:00:00Z")
}

test_passes_when_long_unused_or_never if {
	root_recent_use.deny == set() with input as of("2026-06-29T21:00:00Z", null)
	root_recent_use.deny == set() with input as of(null, null)
}
