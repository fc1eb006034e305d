package metsuke.aws.iam.administrator_access_principals_test

import data.metsuke.aws.iam.administrator_access_principals

of(type, name, arns) := {
	"resource": {"type": type, "name": name, "attributes": {"managed_policy_arns": arns}},
	"params": {
		"admin_policies": ["AdministratorAccess"],
		"allowed_admin_principals": ["AWSReservedSSO_AdministratorAccess_*", "break-glass-?"],
	},
}

admin := "arn:aws:iam::aws:policy/AdministratorAccess"

finding(kind) := {"message": sprintf("AdministratorAccess is attached to the %s", [kind]), "path": "managed_policy_arns", "key": "AdministratorAccess"}

test_fails_for_principals_that_are_not_named if {
	administrator_access_principals.deny == {finding("role")} with input as of("aws_iam_role", "deploy", ["arn:aws:iam::aws:policy/ReadOnlyAccess", admin])
	administrator_access_principals.deny == {finding("group")} with input as of("aws_iam_group", "admins", ["arn:aws-cn:iam::aws:policy/AdministratorAccess"])
}

test_is_critical_for_users if {
	administrator_access_principals.deny == {object.union(finding("user"), {"severity": "critical"})} with input as of("aws_iam_user", "jenkins", [admin])
}

test_passes_for_named_principals_and_other_policies if {
	administrator_access_principals.deny == set() with input as of("aws_iam_role", "AWSReservedSSO_AdministratorAccess_3f9b", [admin])
	administrator_access_principals.deny == set() with input as of("aws_iam_group", "break-glass-1", [admin])
	administrator_access_principals.deny == set() with input as of("aws_iam_role", "deploy", ["arn:aws:iam::111111111111:policy/AdministratorAccess", "arn:aws:iam::aws:policy/NoAdministratorAccess"])
}
