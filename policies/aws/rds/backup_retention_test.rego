package metsuke.aws.rds.backup_retention_test

import data.metsuke.aws.rds.backup_retention

of(days) := {
	"resource": {"attributes": {"cluster_identifier": null, "replicate_source_db": null, "backup_retention_period": days}},
	"params": {"min_days": 7},
}

test_fails_below_the_minimum if {
	backup_retention.applicable with input as of(6)
	backup_retention.deny == {{"message": "automated backups are kept for 6 days, not for 7", "path": "backup_retention_period"}} with input as of(6)
}

test_none_at_all_is_graver if {
	backup_retention.deny == {{"message": "there are no automated backups", "path": "backup_retention_period", "severity": "high"}} with input as of(0)
}

test_passes_at_the_minimum if backup_retention.deny == set() with input as of(7)
