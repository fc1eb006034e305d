package metsuke.aws.iam.access_key_unused_test

import data.metsuke.aws.iam.access_key_unused

of(active, rotated, used) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"attributes": {"access_keys": [{"slot": 1, "active": active, "last_rotated": rotated, "last_used": used}]}},
	"params": {"max_unused_days": 45},
}

test_fails_for_a_key_out_of_use if {
	access_key_unused.deny == {{"message": "access key 1 was last used 61 days ago", "path": "access_keys", "key": "access-key-1"}} with input as
		of(true, "2023-01-01T00:00:00Z", "2026-05-01T00:00:00Z")
}

test_fails_for_a_key_that_was_never_used if {
	access_key_unused.deny == {{"message": "access key 1 was made 61 days ago and never used", "path": "access_keys", "key": "access-key-1"}} with input as
		of(true, "2026-05-01T00:00:00Z", null)
}

test_passes_for_a_key_in_use_new_or_inactive if {
	access_key_unused.deny == set() with input as of(true, "2023-01-01T00:00:00Z", "2026-06-30T00:00:00Z")
	access_key_unused.deny == set() with input as of(true, "2026-06-30T00:00:00Z", null)
	access_key_unused.deny == set() with input as of(false, "2023-01-01T00:00:00Z", null)
}
