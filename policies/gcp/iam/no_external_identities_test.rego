package metsuke.gcp.iam.no_external_identities_test

import data.metsuke.gcp.iam.no_external_identities

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

format := "%s holds %s and is not of an approved domain"

bindings := {"roles/viewer": ["user:ann@example.com", "user:Bob@Gmail.com", "domain:partner.example", "serviceAccount:x@p.iam.gserviceaccount.com", "allUsers"]}

test_consumer_accounts_fail if {
	no_external_identities.deny == {found(format, "user:Bob@Gmail.com", "roles/viewer")} with input as project(bindings, {"allowed_domains": []})
}

test_other_domains_fail_where_domains_are_named if {
	no_external_identities.deny == {
		found(format, "user:Bob@Gmail.com", "roles/viewer"),
		found(format, "domain:partner.example", "roles/viewer"),
	} with input as project(bindings, {"allowed_domains": ["example.com"]})
}

test_approved_domains_pass if {
	no_external_identities.deny == set() with input as project({"roles/viewer": ["group:all@example.com"]}, {"allowed_domains": ["example.com"]})
}
