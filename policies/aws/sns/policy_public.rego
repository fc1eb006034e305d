# METADATA
# title: SNS topic policies do not grant access to everyone
# description: >-
#   A topic whose policy allows the principal * can be subscribed to or published to from every AWS account: messages
#   leak, or forged ones set off what listens. Conditions on the account, the organisation, the source, the network
#   or, for subscriptions, the domain of the endpoint tie it down; a condition on sns:Protocol does not.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_sns_topic
# custom:
#   severity: high
#   category: security
#   types: [aws_sns_topic]
#   frameworks: {cis-aws-7.0: ["2.21"], fsbp: ["SNS.4"]}
#   plan: "yes"
#   remediation: >-
#     Name the accounts or services that need the topic as principals, or add a condition on aws:SourceArn or
#     aws:PrincipalOrgID to the statement.
#   terraform: |
#     data "aws_iam_policy_document" "example" {
#       statement {
#         actions   = ["sns:Publish"]
#         resources = [aws_sns_topic.example.arn]
#
#         principals {
#           type        = "Service"
#           identifiers = ["s3.amazonaws.com"]
#         }
#
#         condition {
#           test     = "ArnEquals"
#           variable = "aws:SourceArn"
#           values   = [aws_s3_bucket.example.arn]
#         }
#       }
#     }
#
#     resource "aws_sns_topic_policy" "example" {
#       arn    = aws_sns_topic.example.arn
#       policy = data.aws_iam_policy_document.example.json
#     }
package metsuke.aws.sns.policy_public

import data.metsuke.lib.iam

deny contains {"message": message, "path": "policy", "key": label, "defects": {part | some part in iam.actions(statement)}} if {
	some index, statement in input.resource.attributes.policy.statements
	iam.addresses_everybody(statement, restricting)
	not fenced(statement)
	label := iam.label(index, statement)
	message := sprintf("%s of the topic policy lets everybody in", [label])
}

# fenced says that another statement turns everybody away again.
fenced(statement) if {
	some other in input.resource.attributes.policy.statements
	iam.fences(other, statement, restricting)
}

restricting := {
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths",
	"aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "sns:endpoint",
}
