package metsuke.gcp.iam.no_broad_impersonation_test

import data.metsuke.gcp.iam.no_broad_impersonation

project(bindings, params) := {
	"resource": {"attributes": {"iam_bindings": [
	{"role": role, "members": members, "condition": null} |
		some role, members in bindings
	]}},
	"params": params,
}

found(format, member, role) := {
	"message": sprintf(format, [member, role]),
	"path": "iam_bindings",
	"key": sprintf("%s %s", [role, member]),
}

format := "%s holds %s for every service account"

test_impersonation_of_every_account_fails if {
	no_broad_impersonation.deny == {
		found(format, "user:ann@example.com", "roles/iam.serviceAccountUser"),
		found(format, "group:ops@example.com", "roles/iam.serviceAccountTokenCreator"),
		found(format, "principalSet://iam.googleapis.com/x", "roles/iam.workloadIdentityUser"),
	} with input as project(
		{
			"roles/iam.serviceAccountUser": ["user:ann@example.com"],
			"roles/iam.serviceAccountTokenCreator": ["group:ops@example.com"],
			"roles/iam.workloadIdentityUser": ["principalSet://iam.googleapis.com/x"],
		},
		{},
	)
}

test_other_roles_pass if {
	no_broad_impersonation.deny == set() with input as project({"roles/iam.serviceAccountViewer": ["user:ann@example.com"]}, {})
}
