package metsuke.aws.s3.abort_incomplete_multipart_test

import data.metsuke.aws.s3.abort_incomplete_multipart

rule := {
	"id": null, "status": "Enabled", "prefix": "", "tags": {},
	"object_size_greater_than": null, "object_size_less_than": null,
	"abort_incomplete_multipart_upload": {"days_after_initiation": 7},
}

bucket(rules) := {"resource": {"attributes": {"lifecycle_rule": rules}}, "params": {"max_days": 7}}

finding := {"message": "no enabled rule for the whole bucket aborts incomplete multipart uploads within 7 days", "path": "lifecycle_rule"}

test_passes_with_a_rule_for_the_whole_bucket if {
	abort_incomplete_multipart.deny == set() with input as bucket([rule])
}

test_fails_without_rules if {
	abort_incomplete_multipart.deny == {finding} with input as bucket(null)
}

test_fails_when_no_rule_is_good_enough if {
	every set in [
		{"status": "Disabled"},
		{"prefix": "logs/"},
		{"tags": {"temp": "yes"}},
		{"object_size_greater_than": 1024},
		{"object_size_less_than": 1024},
	] {
		abort_incomplete_multipart.deny == {finding} with input as bucket([object.union(rule, set)])
	}
	every abort in [null, {"days_after_initiation": 8}, {"days_after_initiation": null}] {
		changed := object.union(object.remove(rule, ["abort_incomplete_multipart_upload"]), {"abort_incomplete_multipart_upload": abort})
		abort_incomplete_multipart.deny == {finding} with input as bucket([changed])
	}
}

test_another_rule_does_not_matter if {
	abort_incomplete_multipart.deny == set() with input as bucket([object.union(rule, {"prefix": "logs/"}), rule])
}
