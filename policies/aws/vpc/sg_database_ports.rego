# METADATA
# title: No security group opens database or cache ports to the internet
# description: >-
#   Databases, caches and search engines are built to be reached by applications and not by everybody: several of them
#   ask for no password by default, and leaks of this kind are found by scanners and not by people. One finding per rule
#   lists the ports and engines that it opens.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_security_group
# custom:
#   severity: high
#   category: security
#   types: [aws_security_group]
#   plan: "yes"
#   params:
#     database_ports:
#       type: list
#       default: [1433, 1434, 1521, 2483, 2484, 3306, 5432, 5439, 6379, 7000, 7001, 7199, 9042, 9092, 9160, 9200, 9300, 5601, 11211, 27017, 27018]
#       description: Ports of databases, caches, queues and their consoles.
#   remediation: >-
#     Let in the security group of the application instead of addresses.
#   terraform: |
#     resource "aws_vpc_security_group_ingress_rule" "example" {
#       security_group_id            = aws_security_group.example.id
#       description                  = "PostgreSQL from the application"
#       ip_protocol                  = "tcp"
#       from_port                    = 5432
#       to_port                      = 5432
#       referenced_security_group_id = aws_security_group.app.id
#     }
package metsuke.aws.vpc.sg_database_ports

import data.metsuke.lib.net

deny contains finding("IPv4", rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	ports := net.reached(rule.protocol, rule.from_port, rule.to_port, "tcp", input.params.database_ports)
	count(ports) > 0
	net.any_ipv4(rule.cidr_blocks)
}

# With its prefix lists, or together with other rules for the same port, it is.
deny contains finding("IPv4", rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	reached := net.reached(rule.protocol, rule.from_port, rule.to_port, "tcp", input.params.database_ports)
	count(reached) > 0
	net.wide_ipv4(rule.cidr_blocks, rule.prefix_list_ids, input.resource.attributes.prefix_list_cidrs)
	ports := [p |
		some p in reached
		net.any_ipv4([c |
			some i
			net.opens(input.resource.attributes.ingress[i].protocol, input.resource.attributes.ingress[i].from_port, input.resource.attributes.ingress[i].to_port, "tcp", p)
			some c in net.with_lists(
				input.resource.attributes.ingress[i].cidr_blocks, input.resource.attributes.ingress[i].prefix_list_ids,
				input.resource.attributes.prefix_list_cidrs,
			)
		])
	]
	count(ports) > 0
}

deny contains finding("IPv6", rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	ports := net.reached(rule.protocol, rule.from_port, rule.to_port, "tcp", input.params.database_ports)
	count(ports) > 0
	net.any_ipv6(rule.ipv6_cidr_blocks)
}

# With its prefix lists, or together with other rules for the same port, it is.
deny contains finding("IPv6", rule.protocol, rule.from_port, rule.to_port, ports) if {
	some rule in input.resource.attributes.ingress
	reached := net.reached(rule.protocol, rule.from_port, rule.to_port, "tcp", input.params.database_ports)
	count(reached) > 0
	net.wide_ipv6(rule.ipv6_cidr_blocks, rule.prefix_list_ids, input.resource.attributes.prefix_list_cidrs)
	ports := [p |
		some p in reached
		net.any_ipv6([c |
			some i
			net.opens(input.resource.attributes.ingress[i].protocol, input.resource.attributes.ingress[i].from_port, input.resource.attributes.ingress[i].to_port, "tcp", p)
			some c in net.with_lists(
				input.resource.attributes.ingress[i].ipv6_cidr_blocks, input.resource.attributes.ingress[i].prefix_list_ids,
				input.resource.attributes.prefix_list_cidrs,
			)
		])
	]
	count(ports) > 0
}

finding(family, protocol, from, to, ports) := {
	"key": sprintf("%s/%s", [lower(family), net.range_key(protocol, from, to)]),
	"message": sprintf("%s open to every %s address: %s", [net.range(protocol, from, to), family, net.named(ports, names)]),
	"path": "ingress",
	"defects": [sprintf("%d", [port]) | some port in ports],
}

names := {
	"1433": "SQL Server", "1434": "SQL Server Browser", "1521": "Oracle", "2483": "Oracle", "2484": "Oracle", "3306": "MySQL",
	"5432": "PostgreSQL", "5439": "Redshift", "5601": "Kibana", "6379": "Redis", "7000": "Cassandra", "7001": "Cassandra",
	"7199": "Cassandra JMX", "9042": "Cassandra", "9092": "Kafka", "9160": "Cassandra", "9200": "Elasticsearch",
	"9300": "Elasticsearch", "11211": "Memcached", "27017": "MongoDB", "27018": "MongoDB",
}
