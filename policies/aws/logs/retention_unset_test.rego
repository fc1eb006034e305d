package metsuke.aws.logs.retention_unset_test

import data.metsuke.aws.logs.retention_unset

of(days, bytes, min_bytes) := {
	"resource": {"attributes": {"log_group_class": "STANDARD", "retention_in_days": days, "stored_bytes": bytes}},
	"params": {"min_bytes": min_bytes},
}

forever := {{"message": "events never expire", "path": "retention_in_days"}}

test_fails_when_events_never_expire if {
	retention_unset.applicable with input as of(null, 0, 0)
	retention_unset.deny == forever with input as of(null, 0, 0)
	retention_unset.deny == forever with input as of(null, 1000, 1000)
}

test_passes_with_a_retention_or_little_data if {
	retention_unset.deny == set() with input as of(1, 1000, 0)
	retention_unset.deny == set() with input as of(null, 999, 1000)
}
