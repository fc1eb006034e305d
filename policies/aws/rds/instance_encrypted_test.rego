package metsuke.aws.rds.instance_encrypted_test

import data.metsuke.aws.rds.instance_encrypted

unencrypted := {"resource": {"attributes": {"cluster_identifier": null, "storage_encrypted": false}}}

test_fails_without_encryption if {
	instance_encrypted.deny == {{"message": "the storage is not encrypted at rest", "path": "storage_encrypted"}} with input as unencrypted
	instance_encrypted.applicable with input as unencrypted
}

test_passes_with_encryption if {
	instance_encrypted.deny == set() with input as {"resource": {"attributes": {"cluster_identifier": null, "storage_encrypted": true}}}
}
