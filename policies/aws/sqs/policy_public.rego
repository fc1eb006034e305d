# METADATA
# title: SQS queue policies do not grant access to everyone
# description: >-
#   A queue whose policy allows the principal * can be read, filled or emptied from every AWS account. Conditions on
#   the source that sends (a topic, a bucket, a rule), the account, the organisation or the network tie it down; the
#   principal * together with aws:SourceArn is how topics and buckets are usually let in, and passes.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_sqs_queue
# custom:
#   severity: critical
#   category: security
#   types: [aws_sqs_queue]
#   frameworks: {cis-aws-7.0: ["2.21"], fsbp: ["SQS.3"]}
#   plan: "yes"
#   remediation: >-
#     Name the accounts or services that need the queue as principals, or add a condition on aws:SourceArn or
#     aws:PrincipalOrgID to the statement.
#   terraform: |
#     data "aws_iam_policy_document" "example" {
#       statement {
#         actions   = ["sqs:SendMessage"]
#         resources = [aws_sqs_queue.example.arn]
#
#         principals {
#           type        = "Service"
#           identifiers = ["sns.amazonaws.com"]
#         }
#
#         condition {
#           test     = "ArnEquals"
#           variable = "aws:SourceArn"
#           values   = [aws_sns_topic.example.arn]
#         }
#       }
#     }
#
#     resource "aws_sqs_queue_policy" "example" {
#       queue_url = aws_sqs_queue.example.url
#       policy    = data.aws_iam_policy_document.example.json
#     }
package metsuke.aws.sqs.policy_public

import data.metsuke.lib.iam

deny contains {"message": message, "path": "policy", "key": label, "defects": {part | some part in iam.actions(statement)}} if {
	some index, statement in input.resource.attributes.policy.statements
	iam.addresses_everybody(statement, restricting)
	not fenced(statement)
	label := iam.label(index, statement)
	message := sprintf("%s of the queue policy lets everybody in", [label])
}

# fenced says that another statement turns everybody away again.
fenced(statement) if {
	some other in input.resource.attributes.policy.statements
	iam.fences(other, statement, restricting)
}

restricting := {
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths",
	"aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce",
}
