package metsuke.aws.s3.bucket_public_acl_test

import data.metsuke.aws.s3.bucket_public_acl

everyone := "http://acs.amazonaws.com/groups/global/AllUsers"

accounts := "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"

owner := {"type": "CanonicalUser", "id": "4f1c", "uri": null, "permissions": ["FULL_CONTROL"]}

grant(uri, permissions) := {"type": "Group", "id": null, "uri": uri, "permissions": permissions}

ignoring := {
	"block_public_acls": false, "block_public_policy": false,
	"ignore_public_acls": true, "restrict_public_buckets": false,
}

bucket(grants, set) := {"resource": {"attributes": object.union({
	"grant": grants, "object_ownership": null, "public_access_block": null, "account_public_access_block": null,
}, set)}}

test_passes_when_only_the_owner_has_access if {
	bucket_public_acl.deny == set() with input as bucket([owner], {})
}

test_fails_for_reading_and_worse_for_writing if {
	bucket_public_acl.deny == {
		{"message": "the ACL grants READ to everyone", "path": "grant", "key": everyone, "defects": ["READ"], "severity": "high"},
		{"message": "the ACL grants READ_ACP, WRITE_ACP to everyone with an AWS account", "path": "grant", "key": accounts, "defects": ["READ_ACP", "WRITE_ACP"], "severity": "critical"},
	} with input as bucket([owner, grant(everyone, ["READ"]), grant(accounts, ["READ_ACP", "WRITE_ACP"])], {"object_ownership": "ObjectWriter"})
}

test_passes_when_acls_are_turned_off if {
	bucket_public_acl.deny == set() with input as bucket([grant(everyone, ["READ"])], {"object_ownership": "BucketOwnerEnforced"})
}

test_passes_when_the_bucket_ignores_public_acls if {
	bucket_public_acl.deny == set() with input as bucket([grant(everyone, ["READ"])], {"public_access_block": ignoring})
}

test_passes_when_the_account_ignores_public_acls if {
	bucket_public_acl.deny == set() with input as bucket([grant(everyone, ["READ"])], {"account_public_access_block": ignoring})
}

test_passes_for_the_group_that_delivers_logs if {
	bucket_public_acl.deny == set() with input as bucket([grant("http://acs.amazonaws.com/groups/s3/LogDelivery", ["WRITE"])], {})
}
