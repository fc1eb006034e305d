package metsuke.gcp.kms.key_rotation_test

import data.metsuke.gcp.kms.key_rotation

key(attributes) := {
	"resource": {"attributes": object.union(
		{
			"purpose": "ENCRYPT_DECRYPT",
			"primary": {"state": "ENABLED"},
			"import_only": false,
			"version_template": {"algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "protection_level": "SOFTWARE"},
			"rotation_period": "7776000s",
			"next_rotation_time": "2026-08-01T00:00:00Z",
		},
		attributes,
	)},
	"params": {"max_days": 90},
	"now": "2026-07-01T00:00:00Z",
}

test_no_rotation_fails if {
	key_rotation.deny == {{"message": "is never rotated", "path": "rotation_period"}} with input as key({"rotation_period": null, "next_rotation_time": null})
}

test_slow_rotation_fails if {
	key_rotation.deny == {{"message": "is rotated every 365 days only", "path": "rotation_period"}} with input as key({"rotation_period": "31536000s"})
}

test_a_rotation_far_away_fails if {
	key_rotation.deny == {{
		"message": "is next rotated in 184 days",
		"path": "next_rotation_time",
		"key": "next_rotation_time",
	}} with input as key({"next_rotation_time": "2027-01-01T00:00:00Z"})
}

test_regular_rotation_passes if {
	key_rotation.deny == set() with input as key({})
}

test_a_planned_key_with_rotation_passes if {
	key_rotation.deny == set() with input as key({"next_rotation_time": null, "version_template": null})
}

test_only_keys_that_can_rotate_are_judged if {
	key_rotation.applicable with input as key({})
	key_rotation.applicable with input as key({"version_template": null})
	not key_rotation.applicable with input as key({"purpose": "ASYMMETRIC_SIGN"})
	not key_rotation.applicable with input as key({"primary": {"state": "DISABLED"}})
	not key_rotation.applicable with input as key({"primary": null})
	not key_rotation.applicable with input as key({"import_only": true})
	not key_rotation.applicable with input as key({"version_template": {"algorithm": null, "protection_level": "EXTERNAL"}})
}
