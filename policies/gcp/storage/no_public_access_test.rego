package metsuke.gcp.storage.no_public_access_test

import data.metsuke.gcp.storage.no_public_access

bucket(attributes, labels) := {
	"resource": {"tags": labels, "attributes": object.union(
		{
			"public_access_prevention": "inherited",
			"public_access_prevention_constraint": false,
			"iam_bindings": [
				{"role": "roles/storage.admin", "members": ["group:ops@example.com"], "condition": null},
				{"role": "roles/storage.objectViewer", "members": ["user:ann@example.com", "allUsers"], "condition": null},
			],
		},
		attributes,
	)},
	"params": {"allow_public_label": {"public": "true"}},
}

found(severity) := {{
	"message": "allUsers has roles/storage.objectViewer",
	"path": "iam_bindings",
	"key": "roles/storage.objectViewer allUsers",
	"severity": severity,
}}

test_a_public_grant_fails if {
	no_public_access.deny == found("critical") with input as bucket({}, {})
}

test_a_public_grant_in_a_plan_fails if {
	no_public_access.deny == found("critical") with input as bucket({"public_access_prevention_constraint": null}, {})
}

test_a_bucket_meant_to_be_public_is_less_severe if {
	no_public_access.deny == found("low") with input as bucket({}, {"public": "true"})
}

test_a_grant_to_every_google_account_fails if {
	no_public_access.deny == {{
		"message": "allAuthenticatedUsers has roles/storage.legacyBucketReader",
		"path": "iam_bindings",
		"key": "roles/storage.legacyBucketReader allAuthenticatedUsers",
		"severity": "critical",
	}} with input as bucket({"iam_bindings": [{"role": "roles/storage.legacyBucketReader", "members": ["allAuthenticatedUsers"], "condition": null}]}, {})
}

test_prevention_on_the_bucket_passes if {
	no_public_access.deny == set() with input as bucket({"public_access_prevention": "enforced"}, {})
}

test_prevention_by_organisation_policy_passes if {
	no_public_access.deny == set() with input as bucket({"public_access_prevention_constraint": true}, {})
}

test_private_grants_pass if {
	no_public_access.deny == set() with input as bucket({"iam_bindings": [{"role": "roles/storage.admin", "members": ["group:ops@example.com"], "condition": null}]}, {})
}
