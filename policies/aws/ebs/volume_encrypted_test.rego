package metsuke.aws.ebs.volume_encrypted_test

import data.metsuke.aws.ebs.volume_encrypted

of(encrypted, state, attachments, params) := {
	"resource": {"attributes": {"encrypted": encrypted, "state": state, "attachments": attachments}},
	"params": object.union({"attached_only": false, "assume_default_encryption": false}, params),
}

open := {{"message": "the volume is not encrypted", "path": "encrypted"}}

test_fails_without_encryption if {
	volume_encrypted.applicable with input as of(false, "available", [], {})
	volume_encrypted.deny == open with input as of(false, "available", [], {})
}

test_passes_with_encryption if volume_encrypted.deny == set() with input as of(true, "available", [], {})

test_the_default_of_a_region_is_taken_for_granted_in_a_plan_only if {
	volume_encrypted.deny == set() with input as of(false, null, [], {"assume_default_encryption": true})
	volume_encrypted.deny == open with input as of(false, "in-use", [], {"assume_default_encryption": true})
	volume_encrypted.deny == open with input as of(false, null, [], {})
}

test_attached_volumes_only_on_request if {
	not volume_encrypted.applicable with input as of(false, "available", [], {"attached_only": true})
	volume_encrypted.applicable with input as of(false, "in-use", [{"instance": "i-1"}], {"attached_only": true})
}
