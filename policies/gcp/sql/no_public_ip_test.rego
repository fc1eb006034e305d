package metsuke.gcp.sql.no_public_ip_test

import data.metsuke.gcp.sql.no_public_ip

instance(network, addresses) := {"resource": {"attributes": {
	"instance_type": "CLOUD_SQL_INSTANCE",
	"ip_address": [{"type": type, "ip_address": "192.0.2.1"} | some type in addresses],
	"settings": {"ip_configuration": network},
}}}

found := {{"message": "has a public address", "path": "settings.ip_configuration.ipv4_enabled"}}

test_a_public_address_fails if {
	no_public_ip.deny == found with input as instance({"ipv4_enabled": true}, [])
}

test_an_address_that_was_assigned_fails if {
	no_public_ip.deny == found with input as instance({"ipv4_enabled": false}, ["PRIMARY", "OUTGOING"])
}

test_the_default_is_public if {
	no_public_ip.deny == found with input as instance(null, [])
}

test_private_addresses_pass if {
	no_public_ip.deny == set() with input as instance({"ipv4_enabled": false}, ["PRIVATE"])
}

test_only_primaries_are_judged if {
	no_public_ip.applicable with input as instance(null, [])
	not no_public_ip.applicable with input as {"resource": {"attributes": {"instance_type": "READ_REPLICA_INSTANCE"}}}
}
