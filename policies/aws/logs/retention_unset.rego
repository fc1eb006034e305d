# METADATA
# title: CloudWatch log groups have a retention period
# description: >-
#   A log group without a retention period keeps every event for ever, and its storage grows with every
#   month that the application lives. Services such as Lambda make their groups that way. Groups of the
#   class DELIVERY are not judged: their events are always gone after a day.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_cloudwatch_log_group
# custom:
#   severity: medium
#   category: cost
#   types: [aws_cloudwatch_log_group]
#   plan: "yes"
#   params:
#     min_bytes: {type: number, default: 0, description: "Groups that store less than this are let pass."}
#   remediation: >-
#     Choose a retention period, and an export to S3 for what has to be kept longer. Declare the groups
#     that Lambda would make, so that they get one from the start.
#   terraform: |
#     resource "aws_cloudwatch_log_group" "example" {
#       name              = "/aws/lambda/example"
#       retention_in_days = 30
#     }
package metsuke.aws.logs.retention_unset

applicable if input.resource.attributes.log_group_class != "DELIVERY"

# The states of older providers do not tell the class; no class lacks a retention that is set.
applicable if input.resource.attributes.retention_in_days != null

deny contains {"message": "events never expire", "path": "retention_in_days"} if {
	input.resource.attributes.retention_in_days == null
	large_enough
}

# Apart, because the size of a group is not known before it is created.
large_enough if input.params.min_bytes <= 0

large_enough if input.resource.attributes.stored_bytes >= input.params.min_bytes
