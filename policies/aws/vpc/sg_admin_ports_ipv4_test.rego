package metsuke.aws.vpc.sg_admin_ports_ipv4_test

import data.metsuke.aws.vpc.sg_admin_ports_ipv4

rule(protocol, from, to, cidrs, lists) := {
	"protocol": protocol, "from_port": from, "to_port": to,
	"cidr_blocks": cidrs, "prefix_list_ids": lists,
}

of(rules, interfaces) := {
	"resource": {"attributes": {
		"ingress": rules,
		"prefix_list_cidrs": {"pl-1": ["128.0.0.0/1"]},
		"network_interfaces": interfaces,
	}},
	"params": {"admin_ports": [22, 3389, 5986, 8443]},
}

private := [{"public_ip": null}]

finding(key, message, ports) := {"key": key, "message": message, "path": "ingress", "defects": ports}

ssh := finding("tcp/22-22", "tcp port 22 open to every IPv4 address: 22 (SSH)", ["22"])

everything := finding("all", "every protocol and port open to every IPv4 address: 22 (SSH), 3389 (RDP), 5986 (WinRM), 8443", ["22", "3389", "5986", "8443"])

test_fails_for_each_rule_that_is_open if {
	rules := [
		rule("tcp", 22, 22, ["0.0.0.0/0"], []),
		rule("-1", 0, 0, ["0.0.0.0/0"], []),
		rule("tcp", 443, 443, ["0.0.0.0/0"], []),
	]
	sg_admin_ports_ipv4.deny == {ssh, everything} with input as of(rules, private)
}

test_how_grave_it_is_depends_on_what_uses_the_group if {
	rules := [rule("tcp", 22, 22, ["0.0.0.0/0"], [])]
	sg_admin_ports_ipv4.deny == {object.union(ssh, {"severity": "critical"})} with input as of(rules, array.concat(private, [{"public_ip": "198.51.100.7"}]))
	sg_admin_ports_ipv4.deny == {object.union(ssh, {"severity": "low"})} with input as of(rules, [])
}

test_rules_and_prefix_lists_count_together if {
	lower := rule("tcp", 20, 25, ["0.0.0.0/1"], [])
	upper := rule("tcp", 22, 3389, [], ["pl-1"])
	sg_admin_ports_ipv4.deny == {
		finding("tcp/20-25", "tcp ports 20-25 open to every IPv4 address: 22 (SSH)", ["22"]),
		finding("tcp/22-3389", "tcp ports 22-3389 open to every IPv4 address: 22 (SSH)", ["22"]),
	} with input as of([lower, upper], private)
	sg_admin_ports_ipv4.deny == set() with input as of([lower], private)
	sg_admin_ports_ipv4.deny == set() with input as of([upper], private)
}

test_passes_for_some_networks_and_other_ports if {
	rules := [
		rule("tcp", 22, 22, ["10.0.0.0/8"], []),
		rule("tcp", 80, 443, ["0.0.0.0/0"], []),
		rule("icmp", -1, -1, ["0.0.0.0/0"], []),
	]
	sg_admin_ports_ipv4.deny == set() with input as of(rules, private)
	sg_admin_ports_ipv4.deny == set() with input as of([], private)
}
