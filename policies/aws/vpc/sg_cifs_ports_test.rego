package metsuke.aws.vpc.sg_cifs_ports_test

import data.metsuke.aws.vpc.sg_cifs_ports

rule(protocol, from, to, v4, v6, lists) := {
	"protocol": protocol, "from_port": from, "to_port": to,
	"cidr_blocks": v4, "ipv6_cidr_blocks": v6, "prefix_list_ids": lists,
}

of(rules) := {
	"resource": {"attributes": {
		"ingress": rules,
		"prefix_list_cidrs": {"pl-1": ["128.0.0.0/1", "3000::/4"]},
	}},
	"params": {"tcp_ports": [139, 445], "udp_ports": [137, 138]},
}

finding(key, message, ports) := {"key": key, "message": message, "path": "ingress", "defects": ports}

test_fails_for_each_protocol_and_family if {
	sg_cifs_ports.deny == {
		finding("ipv4/tcp/tcp/445-445", "tcp port 445 open to every IPv4 address: tcp 445 (SMB)", ["445"]),
		finding("ipv6/udp/udp/137-139", "udp ports 137-139 open to every IPv6 address: udp 137 (NetBIOS), 138 (NetBIOS)", ["137", "138"]),
	} with input as of([rule("tcp", 445, 445, ["0.0.0.0/0"], [], []), rule("udp", 137, 139, [], ["::/0"], [])])
	sg_cifs_ports.deny == {
		finding("ipv4/tcp/all", "every protocol and port open to every IPv4 address: tcp 139 (NetBIOS), 445 (SMB)", ["139", "445"]),
		finding("ipv4/udp/all", "every protocol and port open to every IPv4 address: udp 137 (NetBIOS), 138 (NetBIOS)", ["137", "138"]),
	} with input as of([rule("-1", 0, 0, ["0.0.0.0/0"], [], [])])
}

test_rules_and_prefix_lists_count_together if {
	lower := rule("tcp", 445, 445, ["0.0.0.0/1"], ["2000::/4"], [])
	sg_cifs_ports.deny == {
		finding("ipv4/tcp/tcp/445-445", "tcp port 445 open to every IPv4 address: tcp 445 (SMB)", ["445"]),
		finding("ipv6/tcp/tcp/445-445", "tcp port 445 open to every IPv6 address: tcp 445 (SMB)", ["445"]),
	} with input as of([lower, rule("tcp", 445, 445, ["128.0.0.0/1"], ["3000::/4"], [])])
	sg_cifs_ports.deny == set() with input as of([lower])
	sg_cifs_ports.deny == set() with input as of([lower, rule("udp", 445, 445, [], [], ["pl-1"])])
}

test_passes_for_some_networks_and_other_ports if {
	sg_cifs_ports.deny == set() with input as of([
		rule("tcp", 445, 445, ["10.0.0.0/8"], ["fd00::/8"], []),
		rule("udp", 445, 445, ["0.0.0.0/0"], ["::/0"], []),
		rule("tcp", 137, 138, ["0.0.0.0/0"], ["::/0"], []),
	])
	sg_cifs_ports.deny == set() with input as of([])
}
