package metsuke.gcp.iam.sa_key_max_age_test

import data.metsuke.gcp.iam.sa_key_max_age

key(attributes) := {
	"resource": {"attributes": object.union(
		{
			"key_type": "USER_MANAGED",
			"disabled": false,
			"valid_after": "2026-01-01T00:00:00Z",
		},
		attributes,
	)},
	"params": {"max_age_days": 90},
	"now": "2026-07-01T00:00:00Z",
}

test_an_old_key_fails if {
	sa_key_max_age.deny == {{"message": "is 181 days old", "path": "valid_after"}} with input as key({})
}

test_a_new_key_passes if {
	sa_key_max_age.deny == set() with input as key({"valid_after": "2026-05-01T00:00:00Z"})
}

test_a_planned_key_passes if {
	sa_key_max_age.deny == set() with input as key({"valid_after": null})
}

test_a_disabled_key_passes if {
	sa_key_max_age.deny == set() with input as key({"disabled": true})
}

test_a_key_of_google_passes if {
	sa_key_max_age.deny == set() with input as key({"key_type": "SYSTEM_MANAGED"})
}
