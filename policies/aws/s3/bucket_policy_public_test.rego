package metsuke.aws.s3.bucket_policy_public_test

import data.metsuke.aws.s3.bucket_policy_public

keys := ["aws:principalorgid", "aws:sourceip", "aws:sourcevpce"]

statement := {
	"sid": "Read", "effect": "Allow", "principals": [{"type": "AWS", "id": "*"}], "not_principals": null,
	"actions": ["s3:getobject"], "not_actions": null,
	"resources": ["arn:aws:s3:::b/*"], "not_resources": null, "conditions": [],
}

block := {
	"block_public_acls": false, "block_public_policy": false,
	"ignore_public_acls": false, "restrict_public_buckets": true,
}

bucket(statements, status, set) := {
	"resource": {"attributes": object.union({
		"policy": {"statements": statements}, "policy_is_public": status,
		"public_access_block": null, "account_public_access_block": null,
	}, set)},
	"params": {"restricting_keys": keys},
}

reading := {"message": `statement "Read" of the bucket policy lets everyone read`, "path": "policy", "key": `statement "Read"`, "severity": "high", "defects": {"s3:getobject", "arn:aws:s3:::b/*"}}

test_passes_without_a_policy if {
	bucket_policy_public.deny == set() with input as bucket([], null, {"policy": null})
}

test_fails_when_s3_says_so if {
	bucket_policy_public.deny == {reading} with input as bucket([statement], true, {})
}

test_passes_when_s3_says_it_is_not if {
	bucket_policy_public.deny == set() with input as bucket([statement], false, {})
}

test_judges_the_statements_of_a_plan if {
	bucket_policy_public.deny == {reading} with input as bucket([statement], null, {})
	tied := object.union(statement, {"conditions": [{"operator": "stringequals", "key": "aws:principalorgid", "values": ["o-a1b2c3d4e5"]}]})
	bucket_policy_public.deny == set() with input as bucket([tied], null, {})
}

test_writing_is_critical if {
	every actions in [["s3:putobject"], ["s3:*"], ["*"], ["s3:getobject", "s3:delete*"]] {
		bucket_policy_public.deny == {{"message": "statement 1 of the bucket policy lets everyone write", "path": "policy", "key": "statement 1", "defects": {part | some part in array.concat(actions, statement.resources)}}} with input as bucket([object.union(statement, {"sid": null, "actions": actions})], true, {})
	}
}

test_what_only_s3_sees_is_critical if {
	bucket_policy_public.deny == {{"message": "S3 holds the bucket policy to be public", "path": "policy"}} with input as bucket([object.union(statement, {"effect": "Deny"})], true, {})
}

test_passes_while_public_buckets_are_restricted if {
	bucket_policy_public.deny == set() with input as bucket([statement], true, {"public_access_block": block})
	bucket_policy_public.deny == set() with input as bucket([statement], true, {"account_public_access_block": block})
}
