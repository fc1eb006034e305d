package metsuke.gcp.sql.require_tls_test

import data.metsuke.gcp.sql.require_tls

instance(network) := {"resource": {"attributes": {"settings": {"ip_configuration": network}}}}

found := {{"message": "accepts connections that are not encrypted", "path": "settings.ip_configuration.ssl_mode"}}

test_mixed_connections_fail if {
	require_tls.deny == found with input as instance({"ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED", "require_ssl": true})
}

test_nothing_set_fails if {
	require_tls.deny == found with input as instance({"ssl_mode": null, "require_ssl": null})
	require_tls.deny == found with input as instance(null)
}

test_encrypted_connections_pass if {
	require_tls.deny == set() with input as instance({"ssl_mode": "ENCRYPTED_ONLY", "require_ssl": false})
	require_tls.deny == set() with input as instance({"ssl_mode": "TRUSTED_CLIENT_CERTIFICATE_REQUIRED", "require_ssl": null})
}

test_the_older_setting_passes if {
	require_tls.deny == set() with input as instance({"ssl_mode": null, "require_ssl": true})
}

test_an_instance_outside_google_cloud_is_not_judged if {
	require_tls.applicable with input as instance(null)
	not require_tls.applicable with input as {"resource": {"attributes": {"settings": null}}}
}
