# METADATA
# title: No security group opens all ports to the internet
# description: >-
#   A rule without ports is no firewall: whatever listens on the machine, today or after the next deployment, is on the
#   internet. Rules count that let in every protocol, or all ports of TCP or UDP, from every public address, also where
#   several ranges or rules hold all addresses only together.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_security_group
# custom:
#   severity: critical
#   category: security
#   types: [aws_security_group]
#   plan: "yes"
#   frameworks: {cis-aws-3.0: ["5.2", "5.3"], cis-aws-5.0: ["5.3", "5.4"], cis-aws-7.0: ["6.3", "6.4"]}
#   remediation: >-
#     Name the ports that the service has, and the networks that need them: for a public web server HTTPS, and nothing
#     else.
#   terraform: |
#     resource "aws_vpc_security_group_ingress_rule" "example" {
#       security_group_id = aws_security_group.example.id
#       description       = "HTTPS, the only port of the public web server"
#       ip_protocol       = "tcp"
#       from_port         = 443
#       to_port           = 443
#       cidr_ipv4         = "0.0.0.0/0"
#     }
package metsuke.aws.vpc.sg_all_ports

import data.metsuke.lib.net

deny contains finding("IPv4", rule.protocol, rule.from_port, rule.to_port) if {
	some rule in input.resource.attributes.ingress
	net.opens_all(rule.protocol, rule.from_port, rule.to_port)
	net.any_ipv4(rule.cidr_blocks)
}

# With its prefix lists, or together with other rules for all ports, it is.
deny contains finding("IPv4", rule.protocol, rule.from_port, rule.to_port) if {
	some rule in input.resource.attributes.ingress
	net.opens_all(rule.protocol, rule.from_port, rule.to_port)
	net.wide_ipv4(rule.cidr_blocks, rule.prefix_list_ids, input.resource.attributes.prefix_list_cidrs)
	net.any_ipv4([c |
		some i
		net.opens_all(input.resource.attributes.ingress[i].protocol, input.resource.attributes.ingress[i].from_port, input.resource.attributes.ingress[i].to_port)
		input.resource.attributes.ingress[i].protocol in {"-1", rule.protocol}
		some c in net.with_lists(
			input.resource.attributes.ingress[i].cidr_blocks, input.resource.attributes.ingress[i].prefix_list_ids,
			input.resource.attributes.prefix_list_cidrs,
		)
	])
}

deny contains finding("IPv6", rule.protocol, rule.from_port, rule.to_port) if {
	some rule in input.resource.attributes.ingress
	net.opens_all(rule.protocol, rule.from_port, rule.to_port)
	net.any_ipv6(rule.ipv6_cidr_blocks)
}

# With its prefix lists, or together with other rules for all ports, it is.
deny contains finding("IPv6", rule.protocol, rule.from_port, rule.to_port) if {
	some rule in input.resource.attributes.ingress
	net.opens_all(rule.protocol, rule.from_port, rule.to_port)
	net.wide_ipv6(rule.ipv6_cidr_blocks, rule.prefix_list_ids, input.resource.attributes.prefix_list_cidrs)
	net.any_ipv6([c |
		some i
		net.opens_all(input.resource.attributes.ingress[i].protocol, input.resource.attributes.ingress[i].from_port, input.resource.attributes.ingress[i].to_port)
		input.resource.attributes.ingress[i].protocol in {"-1", rule.protocol}
		some c in net.with_lists(
			input.resource.attributes.ingress[i].ipv6_cidr_blocks, input.resource.attributes.ingress[i].prefix_list_ids,
			input.resource.attributes.prefix_list_cidrs,
		)
	])
}

finding(family, protocol, from, to) := {
	"key": sprintf("%s/%s", [lower(family), net.range_key(protocol, from, to)]),
	"message": sprintf("%s open to every %s address", [net.range(protocol, from, to), family]),
	"path": "ingress",
}
