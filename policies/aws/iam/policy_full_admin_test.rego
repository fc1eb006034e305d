package metsuke.aws.iam.policy_full_admin_test

import data.metsuke.aws.iam.policy_full_admin

of(count, statements) := {"resource": {"attributes": {"attachment_count": count, "policy": {"statements": statements}}}}

statement(sid, effect, actions, resources, conditions) := {
	"sid": sid, "effect": effect, "actions": actions, "not_actions": null, "resources": resources, "not_resources": null,
	"principals": null, "not_principals": null, "conditions": conditions,
}

test_fails_for_every_action_on_every_resource if {
	policy_full_admin.deny == {{
		"message": "statement \"Temporary\" allows every action on every resource, and one user, group or role holds the policy",
		"path": "policy", "key": "statement \"Temporary\"",
	}} with input as of(1, [statement("Temporary", "Allow", ["*"], ["*"], [])])
	policy_full_admin.deny == {
		{
			"message": "statement 1 allows every action on every resource, and 3 users, groups or roles hold the policy",
			"path": "policy", "key": "statement 1",
		},
		{
			"message": "statement 2 allows every action on every resource, and 3 users, groups or roles hold the policy",
			"path": "policy", "key": "statement 2",
		},
	} with input as of(3, [statement(null, "Allow", ["*"], ["*"], []), statement(null, "Allow", ["s3:*", "*:*"], ["*"], [])])
}

test_passes_for_less if {
	policy_full_admin.deny == set() with input as of(0, [statement(null, "Allow", ["*"], ["*"], [])])
	policy_full_admin.deny == set() with input as of(1, [statement(null, "Deny", ["*"], ["*"], [])])
	policy_full_admin.deny == set() with input as of(1, [statement(null, "Allow", ["s3:*"], ["*"], [])])
	policy_full_admin.deny == set() with input as of(1, [statement(null, "Allow", ["*"], ["arn:aws:s3:::b"], [])])
	policy_full_admin.deny == set() with input as of(1, [statement(null, "Allow", null, ["*"], [])])
	policy_full_admin.deny == set() with input as of(1, [statement(null, "Allow", ["*"], ["*"], [{"operator": "bool", "key": "aws:multifactorauthpresent", "values": ["true"]}])])
}
