package metsuke.gcp.firewall.no_open_rdp_test

import data.metsuke.gcp.firewall.no_open_rdp

rule(attributes) := {
	"resource": {"attributes": object.union(
		{
			"direction": "INGRESS",
			"disabled": false,
			"source_ranges": ["0.0.0.0/0"],
			"allow": [{"protocol": "udp", "ports": ["3389"]}],
		},
		attributes,
	)},
	"params": {"min_prefix": 8},
}

from_everywhere(sources) := {{
	"message": sprintf("lets %s reach port 3389", [sources]),
	"path": "source_ranges",
	"defects": {source | some source in split(sources, ", ")},
}}

test_one_port_to_the_world_fails if {
	no_open_rdp.deny == from_everywhere("0.0.0.0/0") with input as rule({})
}

test_ipv6_and_large_blocks_fail if {
	no_open_rdp.deny == from_everywhere("128.0.0.0/1, ::/0") with input as rule({"source_ranges": ["::/0", "128.0.0.0/1", "10.0.0.0/8"]})
}

test_a_range_of_ports_fails if {
	no_open_rdp.deny == from_everywhere("0.0.0.0/0") with input as rule({"allow": [{"protocol": "6", "ports": ["1-65535"]}]})
}

test_no_ports_are_all_ports if {
	no_open_rdp.deny == from_everywhere("0.0.0.0/0") with input as rule({"allow": [{"protocol": "all", "ports": []}]})
}

test_known_sources_pass if {
	no_open_rdp.deny == set() with input as rule({"source_ranges": ["10.0.0.0/8", "198.51.100.7"]})
}

test_no_source_range_passes if {
	no_open_rdp.deny == set() with input as rule({"source_ranges": []})
}

test_another_port_passes if {
	no_open_rdp.deny == set() with input as rule({"allow": [{"protocol": "tcp", "ports": ["443", "8000-9000"]}]})
}

test_another_protocol_passes if {
	no_open_rdp.deny == set() with input as rule({"allow": [{"protocol": "icmp", "ports": []}]})
}

test_a_deny_rule_passes if {
	no_open_rdp.deny == set() with input as rule({"allow": []})
}

test_a_disabled_rule_passes if {
	no_open_rdp.deny == set() with input as rule({"disabled": true})
}

test_only_inbound_rules_are_judged if {
	no_open_rdp.applicable with input as rule({})
	not no_open_rdp.applicable with input as rule({"direction": "EGRESS"})
}
