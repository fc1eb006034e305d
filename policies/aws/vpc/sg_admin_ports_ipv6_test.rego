package metsuke.aws.vpc.sg_admin_ports_ipv6_test

import data.metsuke.aws.vpc.sg_admin_ports_ipv6

rule(protocol, from, to, cidrs, lists) := {
	"protocol": protocol, "from_port": from, "to_port": to,
	"ipv6_cidr_blocks": cidrs, "prefix_list_ids": lists,
}

of(rules, interfaces) := {
	"resource": {"attributes": {
		"ingress": rules,
		"prefix_list_cidrs": {"pl-1": ["3000::/4"]},
		"network_interfaces": interfaces,
	}},
	"params": {"admin_ports": [22, 3389, 5986, 8443]},
}

private := [{"ipv6_addresses": []}]

finding(key, message, ports) := {"key": key, "message": message, "path": "ingress", "defects": ports}

ssh := finding("tcp/22-22", "tcp port 22 open to every IPv6 address: 22 (SSH)", ["22"])

everything := finding("all", "every protocol and port open to every IPv6 address: 22 (SSH), 3389 (RDP), 5986 (WinRM), 8443", ["22", "3389", "5986", "8443"])

test_fails_for_each_rule_that_is_open if {
	rules := [
		rule("tcp", 22, 22, ["::/0"], []),
		rule("-1", 0, 0, ["::/0"], []),
		rule("tcp", 443, 443, ["::/0"], []),
	]
	sg_admin_ports_ipv6.deny == {ssh, everything} with input as of(rules, private)
}

test_how_grave_it_is_depends_on_what_uses_the_group if {
	rules := [rule("tcp", 22, 22, ["::/0"], [])]
	sg_admin_ports_ipv6.deny == {object.union(ssh, {"severity": "critical"})} with input as of(rules, array.concat(private, [{"ipv6_addresses": ["2001:db8::7"]}]))
	sg_admin_ports_ipv6.deny == {object.union(ssh, {"severity": "low"})} with input as of(rules, [])
}

test_rules_and_prefix_lists_count_together if {
	lower := rule("tcp", 20, 25, ["2000::/4"], [])
	upper := rule("tcp", 22, 3389, [], ["pl-1"])
	sg_admin_ports_ipv6.deny == {
		finding("tcp/20-25", "tcp ports 20-25 open to every IPv6 address: 22 (SSH)", ["22"]),
		finding("tcp/22-3389", "tcp ports 22-3389 open to every IPv6 address: 22 (SSH)", ["22"]),
	} with input as of([lower, upper], private)
	sg_admin_ports_ipv6.deny == set() with input as of([lower], private)
	sg_admin_ports_ipv6.deny == set() with input as of([upper], private)
}

test_passes_for_some_networks_and_other_ports if {
	rules := [
		rule("tcp", 22, 22, ["2001:db8::/32"], []),
		rule("tcp", 80, 443, ["::/0"], []),
		rule("icmp", -1, -1, ["::/0"], []),
	]
	sg_admin_ports_ipv6.deny == set() with input as of(rules, private)
	sg_admin_ports_ipv6.deny == set() with input as of([], private)
}
