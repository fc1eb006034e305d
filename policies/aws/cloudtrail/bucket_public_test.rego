package metsuke.aws.cloudtrail.bucket_public_test

import data.metsuke.aws.cloudtrail.bucket_public

everyone := {"type": "Group", "id": null, "uri": "http://acs.amazonaws.com/groups/global/AllUsers", "permissions": ["READ"]}

policy := {"statements": [{
	"sid": null, "effect": "Allow", "principals": [{"type": "AWS", "id": "*"}], "not_principals": null,
	"actions": ["s3:getobject"], "not_actions": null, "resources": ["*"], "not_resources": null, "conditions": [],
}]}

trail(set) := {
	"params": {"restricting_keys": ["aws:principalorgid"]},
	"resource": {"attributes": {"s3_bucket_name": "logs"}},
	"related": {"aws_s3_bucket": {"arn:aws:s3:::logs": {"name": "logs", "attributes": object.union({
		"grant": [], "object_ownership": null, "policy": null, "policy_is_public": null,
		"public_access_block": null, "account_public_access_block": null,
	}, set)}}},
}

test_passes_when_the_bucket_is_private if {
	bucket_public.applicable with input as trail({})
	bucket_public.deny == set() with input as trail({})
}

test_fails_when_the_acl_lets_everyone_in if {
	bucket_public.deny == {{"message": "the ACL of the trail's bucket logs grants access to everyone", "path": "s3_bucket_name", "key": "acl"}} with input as trail({"grant": [everyone]})
}

test_fails_when_the_policy_lets_everyone_in if {
	finding := {"message": "the policy of the trail's bucket logs lets everyone in", "path": "s3_bucket_name", "key": "policy"}
	bucket_public.deny == {finding} with input as trail({"policy": policy, "policy_is_public": true})
	bucket_public.deny == {finding} with input as trail({"policy": policy})
}

test_passes_when_the_account_blocks_public_access if {
	block := {"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}
	bucket_public.deny == set() with input as trail({"grant": [everyone], "policy": policy, "policy_is_public": true, "account_public_access_block": block})
}

test_says_nothing_of_a_bucket_of_another_account if {
	not bucket_public.applicable with input as object.union(trail({}), {"resource": {"attributes": {"s3_bucket_name": "elsewhere"}}})
}
