package metsuke.aws.vpc.sg_database_ports_test

import data.metsuke.aws.vpc.sg_database_ports

rule(protocol, from, to, v4, v6, lists) := {
	"protocol": protocol, "from_port": from, "to_port": to,
	"cidr_blocks": v4, "ipv6_cidr_blocks": v6, "prefix_list_ids": lists,
}

of(rules) := {
	"resource": {"attributes": {
		"ingress": rules,
		"prefix_list_cidrs": {"pl-1": ["128.0.0.0/1", "3000::/4"]},
	}},
	"params": {"database_ports": [3306, 5432, 8086]},
}

finding(key, message, ports) := {"key": key, "message": message, "path": "ingress", "defects": ports}

test_fails_for_each_family if {
	sg_database_ports.deny == {
		finding("ipv4/tcp/5432-5432", "tcp port 5432 open to every IPv4 address: 5432 (PostgreSQL)", ["5432"]),
		finding("ipv6/tcp/3000-9000", "tcp ports 3000-9000 open to every IPv6 address: 3306 (MySQL), 5432 (PostgreSQL), 8086", ["3306", "5432", "8086"]),
	} with input as of([rule("tcp", 5432, 5432, ["0.0.0.0/0"], [], []), rule("tcp", 3000, 9000, [], ["::/0"], [])])
}

test_rules_and_prefix_lists_count_together if {
	lower := rule("tcp", 3306, 3306, ["0.0.0.0/1"], ["2000::/4"], [])
	sg_database_ports.deny == {
		finding("ipv4/tcp/3306-3306", "tcp port 3306 open to every IPv4 address: 3306 (MySQL)", ["3306"]),
		finding("ipv6/tcp/3306-3306", "tcp port 3306 open to every IPv6 address: 3306 (MySQL)", ["3306"]),
		finding("ipv4/all", "every protocol and port open to every IPv4 address: 3306 (MySQL)", ["3306"]),
		finding("ipv6/all", "every protocol and port open to every IPv6 address: 3306 (MySQL)", ["3306"]),
	} with input as of([lower, rule("-1", 0, 0, [], [], ["pl-1"])])
	sg_database_ports.deny == set() with input as of([lower])
	sg_database_ports.deny == set() with input as of([lower, rule("tcp", 5432, 5432, [], [], ["pl-1"])])
}

test_passes_for_some_networks_and_other_ports if {
	sg_database_ports.deny == set() with input as of([
		rule("tcp", 5432, 5432, ["10.0.0.0/8"], ["fd00::/8"], []),
		rule("udp", 5432, 5432, ["0.0.0.0/0"], ["::/0"], []),
		rule("tcp", 443, 443, ["0.0.0.0/0"], ["::/0"], []),
	])
	sg_database_ports.deny == set() with input as of([])
}
