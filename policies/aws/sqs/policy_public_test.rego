package metsuke.aws.sqs.policy_public_test

import data.metsuke.aws.sqs.policy_public

of(principal, conditions) := {"resource": {"attributes": {"policy": {"statements": [{
	"sid": "open", "effect": "Allow", "actions": ["sqs:sendmessage"], "not_actions": null, "resources": ["*"], "not_resources": null,
	"principals": [{"type": "AWS", "id": principal}], "not_principals": null, "conditions": conditions,
}]}}}}

is(key, value) := [{"operator": "stringequals", "key": key, "values": [value]}]

finding := {{"message": "statement \"open\" of the queue policy lets everybody in", "path": "policy", "key": "statement \"open\"", "defects": {"sqs:sendmessage"}}}

test_fails_for_everybody if {
	policy_public.deny == finding with input as of("*", [])
	policy_public.deny == finding with input as of("*", is("aws:securetransport", "x"))
	policy_public.deny == finding with input as of("*", is("aws:sourcearn", "*"))
}

test_passes_for_somebody if {
	policy_public.deny == set() with input as of("arn:aws:iam::111111111111:root", [])
	every key in ["aws:sourcearn", "aws:sourceaccount", "aws:sourcearn", "aws:principalorgid", "aws:principalaccount"] {
		policy_public.deny == set() with input as of("*", is(key, "arn:aws:sns:eu-central-1:111111111111:t"))
	}
}

test_passes_without_a_policy if {
	policy_public.deny == set() with input as {"resource": {"attributes": {"policy": null}}}
}
