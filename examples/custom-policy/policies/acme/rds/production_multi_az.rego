# METADATA
# title: Production databases keep a standby in a second availability zone
# description: >-
#   A database in one zone is down for as long as its zone is, and while AWS patches it.
#   What the shop sells depends on those of production; elsewhere a standby only doubles
#   the bill. A database without an environment tag is not judged here: that it lacks the
#   tag is a finding of its own.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_db_instance
# custom:
#   severity: high
#   category: reliability
#   types: [aws_db_instance]
#   params:
#     environments: {type: list, default: [prod], description: Values of the tag Environment that ask for a standby.}
#   plan: "yes"
#   remediation: >-
#     Turn Multi-AZ on, in the maintenance window. In Terraform: multi_az = true on
#     aws_db_instance.
package metsuke.acme.rds.production_multi_az

applicable if {
	input.resource.tags.Environment in input.params.environments
	input.resource.attributes.cluster_identifier == null # a cluster looks after its own copies
}

deny contains {"message": "has no standby in a second availability zone", "path": "multi_az"} if {
	input.resource.attributes.multi_az == false
}
