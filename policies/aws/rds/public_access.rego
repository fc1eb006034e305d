# METADATA
# title: Databases are not publicly accessible
# description: >-
#   The endpoint of a publicly accessible instance resolves to a public address: only its security
#   groups and routes stand between the data and everybody who scans for database ports. When those are
#   open as well, a second, critical finding names the rule that lets the internet in. Members of
#   Aurora, DocumentDB and Neptune clusters are judged too.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_db_instance
# custom:
#   severity: high
#   category: security
#   types: [aws_db_instance]
#   plan: "yes"
#   frameworks:
#     cis-aws-3.0: ["2.3.3"]
#     cis-aws-5.0: ["2.2.3"]
#     cis-aws-7.0: ["3.2.3"]
#     fsbp: ["RDS.2"]
#     pci-dss-4.0: ["1.2.8", "1.3.1", "1.3.2", "1.4.2", "3.5.1.3", "10.3.2"]
#   remediation: >-
#     Turn public access off, also on an aws_rds_cluster_instance, and let clients come in through the VPC, a VPN or a
#     bastion. Close the security group's rule in the same change.
#   terraform: |
#     resource "aws_db_instance" "example" {
#       identifier     = "example"
#       engine         = "postgres"
#       instance_class = "db.m7g.large"
#
#       publicly_accessible = false
#     }
package metsuke.aws.rds.public_access

deny contains {"message": "the endpoint is publicly accessible", "path": "publicly_accessible"} if {
	input.resource.attributes.publicly_accessible == true
}

# A finding of its own, so that the one above stands where security groups or routes
# could not be read.
deny contains {"message": message, "path": "ingress_from_anywhere", "severity": "critical", "key": "reachable", "defects": open} if {
	input.resource.attributes.publicly_accessible == true
	input.resource.attributes.internet_gateway_route == true
	open := {rule.security_group_id |
		some rule in input.resource.attributes.ingress_from_anywhere
		opens(rule.protocol, rule.from_port, rule.to_port, input.resource.attributes.port)
	}
	count(open) > 0
	message := sprintf("anybody on the internet reaches the database through %s", [concat(", ", sort(open))])
}

opens("-1", _, _, _)

opens("tcp", from, to, port) if {
	is_number(port)
	from <= port
	port <= to
}
