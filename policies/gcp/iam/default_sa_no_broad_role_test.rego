package metsuke.gcp.iam.default_sa_no_broad_role_test

import data.metsuke.gcp.iam.default_sa_no_broad_role

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

format := "%s holds %s"

params := {"broad_roles": ["roles/editor", "roles/owner"]}

test_broad_roles_fail if {
	default_sa_no_broad_role.deny == {
		found(format, "serviceAccount:123456789012-compute@developer.gserviceaccount.com", "roles/editor"),
		found(format, "serviceAccount:shop@appspot.gserviceaccount.com", "roles/owner"),
	} with input as project(
		{
			"roles/editor": ["serviceAccount:123456789012-compute@developer.gserviceaccount.com", "serviceAccount:123456789012@cloudservices.gserviceaccount.com"],
			"roles/owner": ["serviceAccount:shop@appspot.gserviceaccount.com", "user:ann@example.com"],
		},
		params,
	)
}

test_narrow_roles_pass if {
	default_sa_no_broad_role.deny == set() with input as project({"roles/logging.logWriter": ["serviceAccount:123456789012-compute@developer.gserviceaccount.com"]}, params)
}
