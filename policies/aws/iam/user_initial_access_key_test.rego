package metsuke.aws.iam.user_initial_access_key_test

import data.metsuke.aws.iam.user_initial_access_key

of(password, active, rotated, used) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {
		"created": "2026-02-10T10:00:12Z",
		"attributes": {"password_enabled": password, "access_keys": [{"slot": 1, "active": active, "last_rotated": rotated, "last_used": used}]},
	},
	"params": {"same_setup_minutes": 5},
}

test_fails_for_a_key_of_a_console_user_that_was_never_used if {
	user_initial_access_key.deny == {{
		"message": "access key 1 of a console user was made along with the user and never used",
		"path": "access_keys", "key": "access-key-1",
	}} with input as of(true, true, "2026-02-10T10:05:12Z", null)
	user_initial_access_key.deny == {{
		"message": "access key 1 of a console user was made and never used",
		"path": "access_keys", "key": "access-key-1",
	}} with input as of(true, true, "2026-02-10T10:05:13Z", null)
}

test_passes_for_keys_in_use_inactive_or_of_programs if {
	user_initial_access_key.deny == set() with input as of(true, true, "2026-02-10T10:00:14Z", "2026-06-01T00:00:00Z")
	user_initial_access_key.deny == set() with input as of(true, false, "2026-02-10T10:00:14Z", null)
	user_initial_access_key.deny == set() with input as of(false, true, "2026-02-10T10:00:14Z", null)
}
