package metsuke.aws.sns.policy_public_test

import data.metsuke.aws.sns.policy_public

of(principal, conditions) := {"resource": {"attributes": {"policy": {"statements": [{
	"sid": "open", "effect": "Allow", "actions": ["sns:publish"], "not_actions": null, "resources": ["*"], "not_resources": null,
	"principals": [{"type": "AWS", "id": principal}], "not_principals": null, "conditions": conditions,
}]}}}}

is(key, value) := [{"operator": "stringequals", "key": key, "values": [value]}]

finding := {{"message": "statement \"open\" of the topic policy lets everybody in", "path": "policy", "key": "statement \"open\"", "defects": {"sns:publish"}}}

test_fails_for_everybody if {
	policy_public.deny == finding with input as of("*", [])
	policy_public.deny == finding with input as of("*", is("sns:protocol", "x"))
	policy_public.deny == finding with input as of("*", is("aws:sourcearn", "*"))
}

test_passes_for_somebody if {
	policy_public.deny == set() with input as of("arn:aws:iam::111111111111:root", [])
	every key in ["aws:sourceowner", "aws:sourceaccount", "aws:sourcearn", "aws:principalorgid", "aws:principalaccount"] {
		policy_public.deny == set() with input as of("*", is(key, "111111111111"))
	}
}

test_endpoints_are_fixed_by_their_domain if {
	policy_public.deny == set() with input as of("*", [{"operator": "stringlike", "key": "sns:endpoint", "values": ["*@example.com"]}])
	policy_public.deny == finding with input as of("*", [{"operator": "stringlike", "key": "sns:endpoint", "values": ["https://*"]}])
}

test_passes_without_a_policy if {
	policy_public.deny == set() with input as {"resource": {"attributes": {"policy": null}}}
}
