package metsuke.aws.vpc.sg_all_ports_test

import data.metsuke.aws.vpc.sg_all_ports

rule(protocol, from, to, v4, v6, lists) := {
	"protocol": protocol, "from_port": from, "to_port": to,
	"cidr_blocks": v4, "ipv6_cidr_blocks": v6, "prefix_list_ids": lists,
}

of(rules) := {"resource": {"attributes": {
	"ingress": rules,
	"prefix_list_cidrs": {"pl-1": ["128.0.0.0/1", "3000::/4"]},
}}}

finding(key, message) := {"key": key, "message": message, "path": "ingress"}

test_fails_for_each_family if {
	sg_all_ports.deny == {
		finding("ipv4/all", "every protocol and port open to every IPv4 address"),
		finding("ipv6/all", "every protocol and port open to every IPv6 address"),
	} with input as of([rule("-1", 0, 0, ["0.0.0.0/0"], ["::/0"], [])])
	sg_all_ports.deny == {
		finding("ipv4/tcp/1-65535", "tcp ports 1-65535 open to every IPv4 address"),
		finding("ipv6/udp/0-65535", "udp ports 0-65535 open to every IPv6 address"),
	} with input as of([rule("tcp", 1, 65535, ["0.0.0.0/0"], [], []), rule("udp", 0, 65535, [], ["::/0"], [])])
}

test_rules_and_prefix_lists_count_together if {
	lower := rule("tcp", 0, 65535, ["0.0.0.0/1"], ["2000::/4"], [])
	sg_all_ports.deny == {
		finding("ipv4/tcp/0-65535", "tcp ports 0-65535 open to every IPv4 address"),
		finding("ipv6/tcp/0-65535", "tcp ports 0-65535 open to every IPv6 address"),
	} with input as of([lower, rule("-1", 0, 0, [], [], ["pl-1"])])
	sg_all_ports.deny == set() with input as of([lower])
	sg_all_ports.deny == set() with input as of([lower, rule("udp", 0, 65535, [], [], ["pl-1"])])
	sg_all_ports.deny == set() with input as of([lower, rule("tcp", 22, 65535, [], [], ["pl-1"])])
}

test_passes_for_some_networks_and_some_ports if {
	sg_all_ports.deny == set() with input as of([
		rule("-1", 0, 0, ["10.0.0.0/8"], ["fd00::/8"], []),
		rule("tcp", 2, 65535, ["0.0.0.0/0"], ["::/0"], []),
		rule("icmp", -1, -1, ["0.0.0.0/0"], ["::/0"], []),
	])
	sg_all_ports.deny == set() with input as of([])
}
