package metsuke.aws.iam.root_access_key_test

import data.metsuke.aws.iam.root_access_key

of(present) := {"resource": {"attributes": {"root_access_keys_present": present}}}

test_fails_with_a_key if {
	root_access_key.deny == {{"message": "the root user has an access key", "path": "root_access_keys_present"}} with input as of(true)
}

test_passes_without if root_access_key.deny == set() with input as of(false)
