package metsuke.aws.iam.access_key_rotation_test

import data.metsuke.aws.iam.access_key_rotation

of(active, rotated) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"attributes": {"access_keys": [{"slot": 2, "active": active, "last_rotated": rotated, "last_used": null}]}},
	"params": {"max_key_age_days": 90},
}

test_fails_for_an_old_key if {
	access_key_rotation.deny == {{"message": "access key 2 is 91 days old, more than 90", "path": "access_keys", "key": "access-key-2"}} with input as
		of(true, "2026-04-01T00:00:00Z")
}

test_passes_for_a_young_or_inactive_key if {
	access_key_rotation.deny == set() with input as of(true, "2026-04-02T00:00:00Z")
	access_key_rotation.deny == set() with input as of(false, "2020-01-01T00:00:00Z")
}
