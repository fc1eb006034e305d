package metsuke.aws.iam.role_trust_public_test

import data.metsuke.aws.iam.role_trust_public

of(id, actions, conditions) := {"resource": {"attributes": {"assume_role_policy": {"statements": [{
	"sid": null, "effect": "Allow", "actions": actions, "not_actions": null, "resources": null, "not_resources": null,
	"principals": [{"type": "AWS", "id": id}], "not_principals": null, "conditions": conditions,
}]}}}}

condition(operator, key, value) := [{"operator": operator, "key": key, "values": [value]}]

finding(actions) := {{"message": "statement 1 of the trust policy lets any AWS principal assume the role", "path": "assume_role_policy", "key": "statement 1", "defects": {action | some action in actions}}}

test_fails_for_everybody if {
	role_trust_public.deny == finding(["sts:assumerole"]) with input as of("*", ["sts:assumerole"], [])
	role_trust_public.deny == finding(["sts:*"]) with input as of("*", ["sts:*"], [])
	role_trust_public.deny == finding(["sts:assumerole"]) with input as of("*", ["sts:assumerole"], condition("bool", "aws:multifactorauthpresent", "true"))
	role_trust_public.deny == finding(["sts:assumerole"]) with input as of("*", ["sts:assumerole"], condition("stringequalsifexists", "aws:principalorgid", "o-1"))
	role_trust_public.deny == finding(["sts:assumerole"]) with input as of("*", ["sts:assumerole"], condition("stringlike", "sts:externalid", "*"))
}

test_passes_for_somebody if {
	role_trust_public.deny == set() with input as of("arn:aws:iam::111111111111:root", ["sts:assumerole"], [])
	role_trust_public.deny == set() with input as of("*", ["sts:assumerole"], condition("stringequals", "aws:principalorgid", "o-1"))
	role_trust_public.deny == set() with input as of("*", ["sts:assumerole"], condition("stringequals", "sts:externalid", "5b1d"))
	role_trust_public.deny == set() with input as of("*", ["sts:tagsession"], [])
}
