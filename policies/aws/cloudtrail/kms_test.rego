package metsuke.aws.cloudtrail.kms_test

import data.metsuke.aws.cloudtrail.kms

trail(key) := {"resource": {"attributes": {"kms_key_id": key}}}

test_fails_without_a_key if {
	kms.deny == {{"message": "the log files are not encrypted with a KMS key", "path": "kms_key_id"}} with input as trail(null)
}

test_passes_with_a_key if {
	kms.deny == set() with input as trail("arn:aws:kms:eu-central-1:111111111111:key/3f0a7c52-6d1e-4b8f-9c35-2e7d80a1b4c6")
}
