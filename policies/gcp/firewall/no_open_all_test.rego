package metsuke.gcp.firewall.no_open_all_test

import data.metsuke.gcp.firewall.no_open_all

rule(attributes) := {
	"resource": {"attributes": object.union(
		{
			"direction": "INGRESS",
			"disabled": false,
			"source_ranges": ["0.0.0.0/0"],
			"allow": [{"protocol": "all", "ports": []}],
		},
		attributes,
	)},
	"params": {"min_prefix": 8},
}

found(protocols) := {{"message": sprintf("lets 0.0.0.0/0 reach every port (%s)", [protocols]), "path": "allow", "defects": {"0.0.0.0/0"} | {p | some p in split(protocols, ", ")}}}

test_all_protocols_fail if {
	no_open_all.deny == found("all") with input as rule({})
}

test_all_ports_fail_however_they_are_written if {
	no_open_all.deny == found("17, tcp") with input as rule({"allow": [
		{"protocol": "tcp", "ports": []},
		{"protocol": "17", "ports": ["0-65535"]},
		{"protocol": "icmp", "ports": []},
	]})
}

test_every_port_but_zero_fails if {
	no_open_all.deny == found("tcp") with input as rule({"allow": [{"protocol": "tcp", "ports": ["1-65535"]}]})
}

test_some_ports_pass if {
	no_open_all.deny == set() with input as rule({"allow": [{"protocol": "tcp", "ports": ["443"]}, {"protocol": "icmp", "ports": []}]})
}

test_known_sources_pass if {
	no_open_all.deny == set() with input as rule({"source_ranges": ["10.0.0.0/8"]})
}

test_a_disabled_rule_passes if {
	no_open_all.deny == set() with input as rule({"disabled": true})
}

test_only_inbound_rules_are_judged if {
	no_open_all.applicable with input as rule({})
	not no_open_all.applicable with input as rule({"direction": "EGRESS"})
}
