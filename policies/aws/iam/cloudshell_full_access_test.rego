package metsuke.aws.iam.cloudshell_full_access_test

import data.metsuke.aws.iam.cloudshell_full_access

of(type, name, arn) := {
	"resource": {"type": type, "name": name, "attributes": {"managed_policy_arns": [arn]}},
	"params": {"allowed_principals": ["ops"]},
}

test_fails_when_attached if {
	cloudshell_full_access.deny == {{"message": "AWSCloudShellFullAccess is attached to the group", "path": "managed_policy_arns"}} with input as
		of("aws_iam_group", "developers", "arn:aws:iam::aws:policy/AWSCloudShellFullAccess")
}

test_passes_otherwise if {
	cloudshell_full_access.deny == set() with input as of("aws_iam_group", "ops", "arn:aws:iam::aws:policy/AWSCloudShellFullAccess")
	cloudshell_full_access.deny == set() with input as of("aws_iam_role", "developers", "arn:aws:iam::aws:policy/ReadOnlyAccess")
}
