package metsuke.aws.s3.bucket_public_access_block_test

import data.metsuke.aws.s3.bucket_public_access_block

all_on := {
	"block_public_acls": true, "block_public_policy": true,
	"ignore_public_acls": true, "restrict_public_buckets": true,
}

finding(settings) := {"message": sprintf("not in effect for the bucket: %s", [settings]), "path": "public_access_block", "defects": split(settings, ", ")}

bucket(block, account, accept) := {
	"resource": {"attributes": {"public_access_block": block, "account_public_access_block": account}},
	"params": {"accept_account_level": accept},
}

test_passes_when_the_bucket_blocks_everything if {
	bucket_public_access_block.deny == set() with input as bucket(all_on, null, true)
}

test_passes_when_the_account_blocks_everything if {
	bucket_public_access_block.deny == set() with input as bucket(null, all_on, true)
}

test_passes_when_bucket_and_account_together_block_everything if {
	half := object.union(all_on, {"block_public_policy": false, "restrict_public_buckets": false})
	other := object.union(all_on, {"block_public_acls": false, "ignore_public_acls": false})
	bucket_public_access_block.deny == set() with input as bucket(half, other, true)
}

test_fails_without_any_block if {
	bucket_public_access_block.deny == {finding("block_public_acls, block_public_policy, ignore_public_acls, restrict_public_buckets")} with input as bucket(null, null, true)
}

test_fails_and_names_what_is_off if {
	off := object.union(all_on, {"restrict_public_buckets": false})
	bucket_public_access_block.deny == {finding("restrict_public_buckets")} with input as bucket(off, null, true)
}

test_fails_when_the_account_does_not_count if {
	off := object.union(all_on, {"ignore_public_acls": false})
	bucket_public_access_block.deny == {finding("ignore_public_acls")} with input as bucket(off, all_on, false)
}
