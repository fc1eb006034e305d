package metsuke.aws.iam.user_direct_policies_test

import data.metsuke.aws.iam.user_direct_policies

of(attached, inline) := {"resource": {"attributes": {"managed_policy_arns": attached, "inline_policy": inline}}}

test_fails_with_attached_policies if {
	user_direct_policies.deny == {
		{"message": "AdministratorAccess is attached to the user directly", "path": "managed_policy_arns", "key": "AdministratorAccess"},
		{"message": "own is attached to the user directly", "path": "managed_policy_arns", "key": "own"},
	} with input as of(["arn:aws:iam::111111111111:policy/team/own", "arn:aws:iam::aws:policy/AdministratorAccess"], [])
}

test_fails_with_inline_policies if {
	user_direct_policies.deny == {
		{"message": "the user has the inline policy a", "path": "inline_policy", "key": "inline a"},
		{"message": "the user has the inline policy 2", "path": "inline_policy", "key": "inline 2"},
	} with input as of([], [{"name": "a", "policy": null}, {"name": null, "policy": null}])
}

test_passes_without if user_direct_policies.deny == set() with input as of([], [])
