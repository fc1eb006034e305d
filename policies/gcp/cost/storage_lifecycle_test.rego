package metsuke.gcp.cost.storage_lifecycle_test

import data.metsuke.gcp.cost.storage_lifecycle

rule := {
	"action": {"type": "Delete", "storage_class": null},
	"condition": {"age": 30, "created_before": null, "with_state": null, "num_newer_versions": null, "days_since_noncurrent_time": null},
}

bucket(rules, autoclass, labels) := {
	"resource": {"tags": labels, "attributes": {"lifecycle_rule": rules, "autoclass": autoclass}},
	"params": {"exempt_labels": {"retain": "forever"}},
}

found := {{"message": "has neither lifecycle rules nor Autoclass", "path": "lifecycle_rule"}}

test_nothing_fails if {
	storage_lifecycle.deny == found with input as bucket([], null, {})
}

test_autoclass_that_is_off_fails if {
	storage_lifecycle.deny == found with input as bucket([], {"enabled": false}, {})
}

test_a_rule_passes if {
	storage_lifecycle.deny == set() with input as bucket([rule], null, {})
}

test_autoclass_passes if {
	storage_lifecycle.deny == set() with input as bucket([], {"enabled": true}, {})
}

test_what_is_kept_for_ever_is_not_judged if {
	storage_lifecycle.applicable with input as bucket([], null, {"retain": "7y"})
	not storage_lifecycle.applicable with input as bucket([], null, {"retain": "forever"})
}
