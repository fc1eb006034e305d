package metsuke.aws.lambda.policy_public_test

import data.metsuke.aws.lambda.policy_public

of(type, id, conditions) := {"resource": {"attributes": {"policy": {"statements": [{
	"sid": "url", "effect": "Allow", "actions": ["lambda:invokefunctionurl"], "not_actions": null, "resources": ["*"], "not_resources": null,
	"principals": [{"type": type, "id": id}], "not_principals": null, "conditions": conditions,
}]}}}}

is(key, value) := [{"operator": "stringequals", "key": key, "values": [value]}]

finding := {{"message": "statement \"url\" of the resource policy lets everybody in", "path": "policy", "key": "statement \"url\"", "defects": {"lambda:invokefunctionurl"}}}

test_fails_for_everybody if {
	policy_public.deny == finding with input as of("AWS", "*", [])
	policy_public.deny == finding with input as of("AWS", "*", is("lambda:functionurlauthtype", "NONE"))
	policy_public.deny == finding with input as of("AWS", "*", is("lambda:functionurlauthtype", "AWS_IAM"))
}

test_passes_for_somebody if {
	policy_public.deny == set() with input as of("AWS", "arn:aws:iam::111111111111:root", [])
	policy_public.deny == set() with input as of("Service", "s3.amazonaws.com", [])
	every key in ["aws:principalorgid", "aws:sourceaccount", "aws:sourcearn"] {
		policy_public.deny == set() with input as of("AWS", "*", is(key, "o-7kq2m4x9pd"))
	}
}

test_passes_without_a_policy if {
	policy_public.deny == set() with input as {"resource": {"attributes": {"policy": null}}}
}
