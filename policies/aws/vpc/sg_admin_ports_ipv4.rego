# METADATA
# title: No security group opens remote administration to every IPv4 address
# description: >-
#   Administration ports that the whole internet can reach are tried within minutes, and one weak password or one
#   unpatched service is enough. Ranges that hold every public address only together count as well, and so do the
#   entries of prefix lists. Graded critical on an interface with a public IPv4 address and low on none at all.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_security_group
# custom:
#   severity: high
#   category: security
#   types: [aws_security_group]
#   plan: "yes"
#   params:
#     admin_ports: {type: list, default: [22, 3389], description: "Ports of remote administration; WinRM would be 5985 and 5986."}
#   frameworks: {cis-aws-3.0: ["5.2"], cis-aws-5.0: ["5.3"], cis-aws-7.0: ["6.3"], pci-dss-4.0: ["1.2.8", "1.3.1", "1.3.2", "1.4.2"]}
#   remediation: >-
#     Reach machines through Session Manager or a VPN and delete the rule, or let in the administrators' networks only.
#   terraform: |
#     resource "aws_vpc_security_group_ingress_rule" "example" {
#       security_group_id = aws_security_group.example.id
#       description       = "SSH from the administrators"
#       ip_protocol       = "tcp"
#       from_port         = 22
#       to_port           = 22
#       cidr_ipv4         = "203.0.113.0/24"
#     }
package metsuke.aws.vpc.sg_admin_ports_ipv4

import data.metsuke.lib.net

# The ranges of the rule are everybody.
deny contains finding(rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	ports := net.reached(rule.protocol, rule.from_port, rule.to_port, net.transport(rule.protocol), input.params.admin_ports)
	count(ports) > 0
	net.any_ipv4(rule.cidr_blocks)
}

# With its prefix lists, or together with other rules for the same port, they are.
deny contains finding(rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	reached := net.reached(rule.protocol, rule.from_port, rule.to_port, net.transport(rule.protocol), input.params.admin_ports)
	count(reached) > 0
	net.wide_ipv4(rule.cidr_blocks, rule.prefix_list_ids, input.resource.attributes.prefix_list_cidrs)
	ports := [p |
		some p in reached
		net.any_ipv4([c |
			some i
			net.opens(input.resource.attributes.ingress[i].protocol, input.resource.attributes.ingress[i].from_port, input.resource.attributes.ingress[i].to_port, net.transport(rule.protocol), p)
			some c in net.with_lists(
				input.resource.attributes.ingress[i].cidr_blocks, input.resource.attributes.ingress[i].prefix_list_ids,
				input.resource.attributes.prefix_list_cidrs,
			)
		])
	]
	count(ports) > 0
}

finding(protocol, from, to, ports) := object.union(grade, {
	"key": net.range_key(protocol, from, to),
	"message": sprintf("%s open to every IPv4 address: %s", [net.range(protocol, from, to), net.named(ports, names)]),
	"path": "ingress",
	"defects": [sprintf("%d", [port]) | some port in ports],
})

names := {"22": "SSH", "3389": "RDP", "5985": "WinRM", "5986": "WinRM"}

# With a value in every case: where nobody knows the interfaces, the port is open all the same.
grade := {"severity": "critical"} if exposed
else := {"severity": "low"} if input.resource.attributes.network_interfaces == []
else := {}

exposed := count([i | some i in input.resource.attributes.network_interfaces; i.public_ip != null]) > 0
