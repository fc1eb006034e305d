package metsuke.gcp.iam.no_basic_roles_test

import data.metsuke.gcp.iam.no_basic_roles

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

params := {"roles": ["roles/owner", "roles/editor"], "include_viewer": false, "break_glass": ["user:emergency@example.com"]}

bindings := {
	"roles/owner": ["user:ann@example.com", "user:emergency@example.com"],
	"roles/editor": ["serviceAccount:123456789012@cloudservices.gserviceaccount.com", "serviceAccount:ci@shop.iam.gserviceaccount.com"],
	"roles/viewer": ["group:auditors@example.com"],
}

test_basic_roles_fail if {
	no_basic_roles.deny == {
		found(format, "user:ann@example.com", "roles/owner"),
		found(format, "serviceAccount:ci@shop.iam.gserviceaccount.com", "roles/editor"),
	} with input as project(bindings, params)
}

test_viewers_fail_where_it_is_asked_for if {
	no_basic_roles.deny == {found(format, "group:auditors@example.com", "roles/viewer")} with input as project(
		{"roles/viewer": ["group:auditors@example.com"]},
		object.union(params, {"include_viewer": true}),
	)
}

test_predefined_roles_pass if {
	no_basic_roles.deny == set() with input as project({"roles/run.admin": ["user:ann@example.com"]}, params)
}
