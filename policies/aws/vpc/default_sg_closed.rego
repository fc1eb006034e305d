# METADATA
# title: Default security groups have no rules
# description: >-
#   Whatever is started without naming a security group gets the default one of its VPC. Left as AWS makes it, it lets all
#   of these reach each other and the internet, and nobody decided that. Empty, it makes the choice of a group a conscious
#   one. A plan shows only the default groups that it manages (aws_default_security_group).
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_security_group
# custom:
#   severity: high
#   category: security
#   types: [aws_security_group]
#   plan: "partial"
#   frameworks: {cis-aws-3.0: ["5.4"], cis-aws-5.0: ["5.5"], cis-aws-7.0: ["6.5"], fsbp: ["EC2.2"]}
#   remediation: >-
#     Move what uses the group to groups of its own, then take it over without rules.
#   terraform: |
#     # Without ingress and egress blocks it takes the group over and removes its rules.
#     resource "aws_default_security_group" "example" {
#       vpc_id = aws_vpc.example.id
#     }
package metsuke.aws.vpc.default_sg_closed

applicable if input.resource.attributes.name == "default"

deny contains {"key": "ingress", "message": "the default group has inbound rules", "path": "ingress"} if {
	some i
	input.resource.attributes.ingress[i].protocol != null
}

deny contains {"key": "egress", "message": "the default group has outbound rules", "path": "egress"} if {
	some i
	input.resource.attributes.egress[i].protocol != null
}
