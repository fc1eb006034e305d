# METADATA
# title: No attached customer-managed policy grants full administrative rights
# description: >-
#   A policy that allows every action on every resource makes its holders administrators under a harmless name, out
#   of sight of whoever looks for AdministratorAccess. Judged are policies in use: attached to a user, group or
#   role. Statements with conditions or exceptions are left to other policies.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_policy
# custom:
#   severity: high
#   category: security
#   types: [aws_iam_policy]
#   plan: "yes"
#   frameworks:
#     cis-aws-3.0: ["1.16"]
#     cis-aws-5.0: ["1.15"]
#     cis-aws-7.0: ["2.14"]
#     fsbp: ["IAM.1"]
#   remediation: >-
#     Allow the actions that are used; IAM Access Analyzer makes a policy from the trail of what a role did. Until
#     then attach AdministratorAccess, where it is seen.
#   terraform: |
#     resource "aws_iam_policy" "example" {
#       name = "example"
#       policy = jsonencode({
#         Version = "2012-10-17"
#         Statement = [{
#           Effect   = "Allow"
#           Action   = ["s3:GetObject", "s3:PutObject"]
#           Resource = "arn:aws:s3:::${aws_s3_bucket.example.bucket}/*"
#         }]
#       })
#     }
package metsuke.aws.iam.policy_full_admin

import data.metsuke.lib.iam

deny contains {"message": message, "path": "policy", "key": label} if {
	some index, statement in input.resource.attributes.policy.statements
	grants_everything(statement)
	input.resource.attributes.attachment_count > 0
	label := iam.label(index, statement)
	message := sprintf("%s allows every action on every resource, and %s", [label, attached(input.resource.attributes.attachment_count)])
}

grants_everything(statement) if {
	statement.effect == "Allow"
	some action in statement.actions
	action in {"*", "*:*"}
	some resource in statement.resources
	resource == "*"
	count(statement.conditions) == 0
}

attached(1) := "one user, group or role holds the policy"

attached(n) := sprintf("%d users, groups or roles hold the policy", [n]) if n > 1
