package metsuke.aws.rds.minor_upgrade_test

import data.metsuke.aws.rds.minor_upgrade

test_fails_when_it_is_off if {
	minor_upgrade.deny == {{"message": "minor versions of mysql are not applied automatically", "path": "auto_minor_version_upgrade"}} with input as {"resource": {"attributes": {"auto_minor_version_upgrade": false, "engine": "mysql"}}}
}

test_passes_when_it_is_on if {
	minor_upgrade.deny == set() with input as {"resource": {"attributes": {"auto_minor_version_upgrade": true, "engine": "mysql"}}}
}
