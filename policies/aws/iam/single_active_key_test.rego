package metsuke.aws.iam.single_active_key_test

import data.metsuke.aws.iam.single_active_key

key(slot, active, rotated) := {"slot": slot, "active": active, "last_rotated": rotated, "last_used": null}

of(second, grace) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"attributes": {"access_keys": [key(1, true, "2025-01-01T00:00:00Z"), second]}},
	"params": {"rotation_grace_days": grace},
}

finding := {{"message": "two access keys are active", "path": "access_keys"}}

test_fails_with_two if {
	single_active_key.deny == finding with input as of(key(2, true, "2026-06-30T00:00:00Z"), 0)
	single_active_key.deny == finding with input as of(key(2, true, "2026-06-01T00:00:00Z"), 7)
}

test_passes_with_one_or_during_rotation if {
	single_active_key.deny == set() with input as of(key(2, false, "2026-06-30T00:00:00Z"), 0)
	single_active_key.deny == set() with input as of(key(2, true, "2026-06-30T00:00:00Z"), 7)
}
