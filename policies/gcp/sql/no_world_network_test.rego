package metsuke.gcp.sql.no_world_network_test

import data.metsuke.gcp.sql.no_world_network

instance(values) := {
	"resource": {"attributes": {"settings": {"ip_configuration": {"authorized_networks": [
	{"name": null, "value": value, "expiration_time": null} |
		some value in values
	]}}}},
	"params": {"min_prefix": 16},
}

found(value) := {
	"message": sprintf("authorises %s", [value]),
	"path": "settings.ip_configuration.authorized_networks",
	"key": value,
}

test_the_whole_internet_fails if {
	no_world_network.deny == {found("0.0.0.0/0"), found("::/0")} with input as instance(["0.0.0.0/0", "::/0", "198.51.100.0/24"])
}

test_a_large_block_fails if {
	no_world_network.deny == {found("203.0.0.0/15")} with input as instance(["203.0.0.0/15"])
}

test_small_blocks_and_single_addresses_pass if {
	no_world_network.deny == set() with input as instance(["198.51.0.0/16", "198.51.100.7", "2001:db8::/32"])
}

test_no_network_passes if {
	no_world_network.deny == set() with input as instance([])
	no_world_network.deny == set() with input as {"resource": {"attributes": {"settings": null}}, "params": {"min_prefix": 16}}
}
