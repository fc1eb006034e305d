package metsuke.gcp.sql.deletion_protection_test

import data.metsuke.gcp.sql.deletion_protection

instance(on) := {"resource": {"attributes": {"settings": {"deletion_protection_enabled": on}}}}

test_no_protection_fails if {
	deletion_protection.deny == {{
		"message": "can be deleted by one call",
		"path": "settings.deletion_protection_enabled",
	}} with input as instance(false)
}

test_protection_passes if {
	deletion_protection.deny == set() with input as instance(true)
}

test_an_instance_outside_google_cloud_is_not_judged if {
	deletion_protection.applicable with input as instance(false)
	not deletion_protection.applicable with input as {"resource": {"attributes": {"settings": null}}}
}
