package metsuke.gcp.firewall.no_open_database_ports_test

import data.metsuke.gcp.firewall.no_open_database_ports

rule(attributes) := {
	"resource": {"attributes": object.union(
		{
			"direction": "INGRESS",
			"disabled": false,
			"source_ranges": ["0.0.0.0/0"],
			"allow": [{"protocol": "tcp", "ports": ["5432"]}],
		},
		attributes,
	)},
	"params": {"min_prefix": 8, "ports": ["3306", "5432", "7000-7001"]},
}

found(what, ports) := {{"message": sprintf("lets 0.0.0.0/0 reach %s", [what]), "path": "source_ranges", "defects": {"0.0.0.0/0"} | ports}}

test_a_database_port_fails if {
	no_open_database_ports.deny == found("database ports: 5432", {"5432"}) with input as rule({})
}

test_overlapping_ranges_fail if {
	no_open_database_ports.deny == found("database ports: 3306, 7000-7001", {"3306", "7000-7001"}) with input as rule({"allow": [{"protocol": "tcp", "ports": ["7001-7003", "3300-3310"]}]})
}

test_all_ports_fail if {
	no_open_database_ports.deny == found("every database port", {"3306", "5432", "7000-7001"}) with input as rule({"allow": [{"protocol": "all", "ports": []}]})
}

test_other_ports_pass if {
	no_open_database_ports.deny == set() with input as rule({"allow": [{"protocol": "tcp", "ports": ["443"]}, {"protocol": "udp", "ports": []}]})
}

test_known_sources_pass if {
	no_open_database_ports.deny == set() with input as rule({"source_ranges": ["10.1.0.0/16"]})
}

test_a_disabled_rule_passes if {
	no_open_database_ports.deny == set() with input as rule({"disabled": true})
}

test_only_inbound_rules_are_judged if {
	no_open_database_ports.applicable with input as rule({})
	not no_open_database_ports.applicable with input as rule({"direction": "EGRESS"})
}
