package metsuke.aws.iam.user_direct_policies_test

import data.metsuke.aws.iam.user_direct_policies

of(attached, inline) := {"resource": {"attributes": {"managed_policy_arns": attached, "inline_policy": inline}}}

test_fails_with_attached_policies if {
	user_direct_policies.deny == {{"message": "attached to the user directly: AdministratorAccess, own", "path": "managed_policy_arns"}} with input as
		of(["arn:aws:iam::111111111111:policy/team/own", "arn:aws:iam::aws:policy/AdministratorAccess"], [])
}

test_fails_with_inline_policies if {
	user_direct_policies.deny == {{"message": "the user has 1 inline policy", "path": "inline_policy", "key": "inline"}} with input as
		of([], [{"name": "a", "policy": null}])
	user_direct_policies.deny == {{"message": "the user has 2 inline policies", "path": "inline_policy", "key": "inline"}} with input as
		of([], [{"name": "a", "policy": null}, {"name": "b", "policy": null}])
}

test_passes_without if user_direct_policies.deny == set() with input as of([], [])
