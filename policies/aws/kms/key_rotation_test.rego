package metsuke.aws.kms.key_rotation_test

import data.metsuke.aws.kms.key_rotation

key := {
	"is_enabled": true, "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "origin": "AWS_KMS",
	"primary_key_arn": null, "enable_key_rotation": true, "rotation_period_in_days": 365,
}

of(changes) := {"resource": {"attributes": object.union(key, changes)}, "params": {"max_period_days": 365}}

test_fails_without_rotation if {
	key_rotation.deny == {{"message": "the key does not rotate", "path": "enable_key_rotation"}} with input as
		of({"enable_key_rotation": false, "rotation_period_in_days": null})
}

test_fails_when_it_rotates_too_seldom if {
	key_rotation.deny == {{"message": "the key rotates every 730 days, not within 365", "path": "rotation_period_in_days"}} with input as
		of({"rotation_period_in_days": 730})
}

test_passes_with_rotation if {
	key_rotation.deny == set() with input as of({})
	key_rotation.deny == set() with input as of({"rotation_period_in_days": 90})
}

test_speaks_of_keys_that_can_rotate if {
	key_rotation.applicable with input as of({})
	every changes in [
		{"is_enabled": false}, {"customer_master_key_spec": "RSA_2048"}, {"key_usage": "GENERATE_VERIFY_MAC"},
		{"origin": "EXTERNAL"}, {"origin": "AWS_CLOUDHSM"}, {"primary_key_arn": "arn:aws:kms:eu-west-1:111111111111:key/mrk-1"},
	] {
		not key_rotation.applicable with input as of(changes)
	}
}
