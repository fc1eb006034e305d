package metsuke.gcp.compute.no_public_ip_test

import data.metsuke.gcp.compute.no_public_ip

vm(interfaces, labels) := {
	"resource": {"tags": labels, "tag_keys": sort(object.keys(labels)), "attributes": {"network_interface": interfaces}},
	"params": {"exempt_labels": {"role": "bastion"}},
}

inside := {"network": "n", "subnetwork": "s", "access_config": [], "ipv6_access_config": []}

test_an_external_address_fails if {
	no_public_ip.deny == {{
		"message": "has an external IPv4 address on interface 1",
		"path": "network_interface.1",
		"key": "nic1 IPv4",
	}} with input as vm([inside, object.union(inside, {"access_config": [{"nat_ip": "203.0.113.7"}]})], {})
}

test_an_address_that_is_assigned_later_fails if {
	no_public_ip.deny == {
		{"message": "has an external IPv4 address on interface 0", "path": "network_interface.0", "key": "nic0 IPv4"},
		{"message": "has an external IPv6 address on interface 0", "path": "network_interface.0", "key": "nic0 IPv6"},
	} with input as vm([object.union(inside, {"access_config": [{"nat_ip": null}], "ipv6_access_config": [{"external_ipv6": "2001:db8::1"}]})], {})
}

test_internal_interfaces_pass if {
	no_public_ip.deny == set() with input as vm([inside, inside], {})
}

test_bastions_and_nodes_of_a_cluster_are_not_judged if {
	no_public_ip.applicable with input as vm([inside], {"role": "web"})
	not no_public_ip.applicable with input as vm([inside], {"role": "bastion"})
	not no_public_ip.applicable with input as vm([inside], {"goog-gke-node": ""})
}
