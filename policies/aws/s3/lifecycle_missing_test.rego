package metsuke.aws.s3.lifecycle_missing_test

import data.metsuke.aws.s3.lifecycle_missing

bucket(rules) := {
	"resource": {"name": "b", "attributes": {"lifecycle_rule": rules}},
	"params": {"exempt_buckets": ["tfstate"]},
}

test_fails_without_rules if {
	lifecycle_missing.deny == {{"message": "the bucket has no lifecycle rules", "path": "lifecycle_rule"}} with input as bucket(null)
}

test_fails_when_no_rule_is_enabled if {
	lifecycle_missing.deny == {{"message": "none of the bucket's lifecycle rules is enabled", "path": "lifecycle_rule"}} with input as bucket([{"status": "Disabled"}])
}

test_passes_with_an_enabled_rule if {
	lifecycle_missing.deny == set() with input as bucket([{"status": "Disabled"}, {"status": "Enabled"}])
}

test_says_nothing_of_exempt_buckets if {
	lifecycle_missing.applicable with input as bucket(null)
	not lifecycle_missing.applicable with input as object.union(bucket(null), {"resource": {"name": "tfstate"}})
}
