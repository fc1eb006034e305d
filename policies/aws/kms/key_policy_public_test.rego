package metsuke.aws.kms.key_policy_public_test

import data.metsuke.aws.kms.key_policy_public

of(principal, conditions) := {"resource": {"attributes": {"policy": {"statements": [{
	"sid": "share", "effect": "Allow", "actions": ["kms:decrypt"], "not_actions": null, "resources": ["*"], "not_resources": null,
	"principals": [{"type": "AWS", "id": principal}], "not_principals": null, "conditions": conditions,
}]}}}}

is(key, value) := {"operator": "stringequals", "key": key, "values": [value]}

finding := {{"message": "statement \"share\" of the key policy lets everybody in", "path": "policy", "key": "statement \"share\"", "defects": {"kms:decrypt"}}}

test_fails_for_everybody if {
	key_policy_public.deny == finding with input as of("*", [])
	key_policy_public.deny == finding with input as of("*", [is("kms:viaservice", "s3.eu-central-1.amazonaws.com")])
	key_policy_public.deny == finding with input as of("*", [{"operator": "stringlike", "key": "kms:calleraccount", "values": ["*"]}])
}

test_passes_for_somebody if {
	key_policy_public.deny == set() with input as of("arn:aws:iam::111111111111:root", [])
	every key in ["kms:calleraccount", "aws:principalorgid", "aws:principalaccount", "aws:sourceaccount", "aws:sourcearn"] {
		key_policy_public.deny == set() with input as of("*", [is("kms:viaservice", "ec2.us-east-1.amazonaws.com"), is(key, "111111111111")])
	}
}

test_passes_with_the_default_policy if {
	key_policy_public.deny == set() with input as {"resource": {"attributes": {"policy": null}}}
}
