package metsuke.gcp.iam.no_public_principals_test

import data.metsuke.gcp.iam.no_public_principals

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

test_public_members_fail if {
	no_public_principals.deny == {
		found(format, "allUsers", "roles/browser"),
		found(format, "allAuthenticatedUsers", "roles/viewer"),
	} with input as project({"roles/browser": ["allUsers"], "roles/viewer": ["allAuthenticatedUsers", "user:ann@example.com"]}, {})
}

test_named_members_pass if {
	no_public_principals.deny == set() with input as project({"roles/viewer": ["group:all@example.com"]}, {})
}
