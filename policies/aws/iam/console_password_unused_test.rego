package metsuke.aws.iam.console_password_unused_test

import data.metsuke.aws.iam.console_password_unused

of(enabled, used, changed) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"attributes": {"password_enabled": enabled, "password_last_used": used, "password_last_changed": changed}},
	"params": {"max_unused_days": 45},
}

test_fails_for_a_password_out_of_use if {
	console_password_unused.deny == {{"message": "the console password was last used 61 days ago", "path": "password_last_used"}} with input as
		of(true, "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z")
}

test_fails_for_a_password_never_used if {
	console_password_unused.deny == {{"message": "the console password was set 61 days ago and never used", "path": "password_last_used"}} with input as
		of(true, null, "2026-05-01T00:00:00Z")
}

test_passes_for_a_password_in_use_new_or_absent if {
	console_password_unused.deny == set() with input as of(true, "2026-06-01T00:00:00Z", "2020-01-01T00:00:00Z")
	console_password_unused.deny == set() with input as of(true, null, "2026-06-01T00:00:00Z")
	console_password_unused.deny == set() with input as of(false, null, null)
}
