package metsuke.gcp.iam.sa_no_admin_roles_test

import data.metsuke.gcp.iam.sa_no_admin_roles

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

ci := "serviceAccount:ci@shop.iam.gserviceaccount.com"

none := {"exempt_emails": [], "exempt_roles": []}

test_administrators_roles_fail if {
	sa_no_admin_roles.deny == {
		found(format, ci, "roles/editor"),
		found(format, ci, "roles/storage.admin"),
		found(format, ci, "projects/shop/roles/deployAdmin"),
	} with input as project({"roles/editor": [ci], "roles/storage.admin": [ci], "projects/shop/roles/deployAdmin": [ci]}, none)
}

test_other_roles_pass if {
	sa_no_admin_roles.deny == set() with input as project({"roles/storage.objectViewer": [ci]}, none)
}

test_accounts_of_google_and_people_pass if {
	sa_no_admin_roles.deny == set() with input as project(
		{"roles/editor": [
			"serviceAccount:123456789012@cloudservices.gserviceaccount.com",
			"serviceAccount:service-123456789012@container-engine-robot.iam.gserviceaccount.com",
			"serviceAccount:123456789012-compute@developer.gserviceaccount.com",
			"user:ann@example.com",
		]},
		none,
	)
}

test_exempt_accounts_and_roles_pass if {
	sa_no_admin_roles.deny == set() with input as project({"roles/editor": [ci]}, {"exempt_emails": ["ci@shop.iam.gserviceaccount.com"], "exempt_roles": []})
	sa_no_admin_roles.deny == set() with input as project({"roles/storage.admin": [ci]}, {"exempt_emails": [], "exempt_roles": ["roles/storage.admin"]})
}
