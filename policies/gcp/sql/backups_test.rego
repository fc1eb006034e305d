package metsuke.gcp.sql.backups_test

import data.metsuke.gcp.sql.backups

instance(backups) := {"resource": {"attributes": {
	"instance_type": "CLOUD_SQL_INSTANCE",
	"settings": {"backup_configuration": backups},
}}}

found := {{"message": "takes no automated backups", "path": "settings.backup_configuration.enabled"}}

test_backups_that_are_off_fail if {
	backups.deny == found with input as instance({"enabled": false})
}

test_backups_that_nobody_configured_fail if {
	backups.deny == found with input as instance(null)
}

test_backups_pass if {
	backups.deny == set() with input as instance({"enabled": true})
}

test_only_primaries_are_judged if {
	backups.applicable with input as instance(null)
	not backups.applicable with input as {"resource": {"attributes": {"instance_type": "READ_REPLICA_INSTANCE"}}}
}
