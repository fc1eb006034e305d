# METADATA
# title: CIFS ports are reachable from trusted networks only
# description: >-
#   Windows file sharing (SMB and NetBIOS) was never meant for open networks: worms spread through it, and a share without
#   a password is copied or encrypted by the first one who finds it. TCP 139 and 445 and UDP 137 and 138 count.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_security_group
# custom:
#   severity: high
#   category: security
#   types: [aws_security_group]
#   plan: "yes"
#   params:
#     tcp_ports: {type: list, default: [139, 445], description: TCP ports of file sharing.}
#     udp_ports: {type: list, default: [137, 138], description: UDP ports of file sharing.}
#   frameworks: {cis-aws-5.0: ["5.1.2"], cis-aws-7.0: ["6.1.2"]}
#   remediation: >-
#     Delete the rule, or let in only the networks of a VPN or of Direct Connect.
#   terraform: |
#     resource "aws_vpc_security_group_ingress_rule" "example" {
#       security_group_id = aws_security_group.example.id
#       description       = "SMB from the VPN"
#       ip_protocol       = "tcp"
#       from_port         = 445
#       to_port           = 445
#       cidr_ipv4         = "10.20.0.0/16"
#     }
package metsuke.aws.vpc.sg_cifs_ports

import data.metsuke.lib.net

deny contains finding("IPv4", wanted, rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	some wanted, all in {"tcp": input.params.tcp_ports, "udp": input.params.udp_ports}
	ports := net.reached(rule.protocol, rule.from_port, rule.to_port, wanted, all)
	count(ports) > 0
	net.any_ipv4(rule.cidr_blocks)
}

# With its prefix lists, or together with other rules for the same port, it is.
deny contains finding("IPv4", wanted, rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	some wanted, all in {"tcp": input.params.tcp_ports, "udp": input.params.udp_ports}
	reached := net.reached(rule.protocol, rule.from_port, rule.to_port, wanted, all)
	count(reached) > 0
	net.wide_ipv4(rule.cidr_blocks, rule.prefix_list_ids, input.resource.attributes.prefix_list_cidrs)
	ports := [p |
		some p in reached
		net.any_ipv4([c |
			some i
			net.opens(input.resource.attributes.ingress[i].protocol, input.resource.attributes.ingress[i].from_port, input.resource.attributes.ingress[i].to_port, wanted, p)
			some c in net.with_lists(
				input.resource.attributes.ingress[i].cidr_blocks, input.resource.attributes.ingress[i].prefix_list_ids,
				input.resource.attributes.prefix_list_cidrs,
			)
		])
	]
	count(ports) > 0
}

deny contains finding("IPv6", wanted, rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	some wanted, all in {"tcp": input.params.tcp_ports, "udp": input.params.udp_ports}
	ports := net.reached(rule.protocol, rule.from_port, rule.to_port, wanted, all)
	count(ports) > 0
	net.any_ipv6(rule.ipv6_cidr_blocks)
}

# With its prefix lists, or together with other rules for the same port, it is.
deny contains finding("IPv6", wanted, rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	some wanted, all in {"tcp": input.params.tcp_ports, "udp": input.params.udp_ports}
	reached := net.reached(rule.protocol, rule.from_port, rule.to_port, wanted, all)
	count(reached) > 0
	net.wide_ipv6(rule.ipv6_cidr_blocks, rule.prefix_list_ids, input.resource.attributes.prefix_list_cidrs)
	ports := [p |
		some p in reached
		net.any_ipv6([c |
			some i
			net.opens(input.resource.attributes.ingress[i].protocol, input.resource.attributes.ingress[i].from_port, input.resource.attributes.ingress[i].to_port, wanted, p)
			some c in net.with_lists(
				input.resource.attributes.ingress[i].ipv6_cidr_blocks, input.resource.attributes.ingress[i].prefix_list_ids,
				input.resource.attributes.prefix_list_cidrs,
			)
		])
	]
	count(ports) > 0
}

finding(family, wanted, protocol, from, to, ports) := {
	"key": sprintf("%s/%s/%s", [lower(family), wanted, net.range_key(protocol, from, to)]),
	"message": sprintf("%s open to every %s address: %s %s", [net.range(protocol, from, to), family, wanted, net.named(ports, names)]),
	"path": "ingress",
	"defects": [sprintf("%d", [port]) | some port in ports],
}

names := {"137": "NetBIOS", "138": "NetBIOS", "139": "NetBIOS", "445": "SMB"}
