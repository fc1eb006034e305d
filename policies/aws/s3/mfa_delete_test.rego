package metsuke.aws.s3.mfa_delete_test

import data.metsuke.aws.s3.mfa_delete

bucket(status, mfa, rules, tags, params) := {
	"resource": {
		"name": "b", "tags": tags,
		"attributes": {"versioning": {"status": status, "mfa_delete": mfa}, "lifecycle_rule": rules},
	},
	"params": object.union({"scope": "all", "skip_with_lifecycle": true}, params),
	"related": {"aws_cloudtrail": {"arn:trail": {"attributes": {"s3_bucket_name": "trail-bucket"}}}},
}

test_passes_with_mfa_delete if {
	mfa_delete.deny == set() with input as bucket("Enabled", true, null, {}, {})
}

test_fails_without if {
	mfa_delete.deny == {{"message": "versions can be deleted without a second factor (versioning is enabled)", "path": "versioning.mfa_delete"}} with input as bucket("Enabled", false, null, {}, {})
}

test_fails_on_a_bucket_without_versions if {
	mfa_delete.deny == {{"message": "versions can be deleted without a second factor (versioning is disabled)", "path": "versioning.mfa_delete"}} with input as bucket("Disabled", false, null, {}, {})
}

test_says_nothing_of_a_bucket_with_lifecycle_rules if {
	mfa_delete.applicable with input as bucket("Enabled", false, null, {}, {})
	not mfa_delete.applicable with input as bucket("Enabled", false, [{"id": "a"}], {}, {})
	mfa_delete.applicable with input as bucket("Enabled", false, [{"id": "a"}], {}, {"skip_with_lifecycle": false})
	mfa_delete.applicable with input as bucket("Enabled", false, [], {}, {})
}

test_can_be_narrowed_to_what_matters if {
	tagged := {"scope": "tagged"}
	not mfa_delete.applicable with input as bucket("Enabled", false, null, {}, tagged)
	mfa_delete.applicable with input as bucket("Enabled", false, null, {"DataClassification": "Restricted"}, tagged)
	mfa_delete.applicable with input as object.union(
		bucket("Enabled", false, null, {}, tagged),
		{"resource": {"name": "trail-bucket"}},
	)
}
