# METADATA
# title: No role trust policy lets any AWS principal assume the role
# description: >-
#   A role whose trust policy names everybody can be assumed from any AWS account in the world by whoever learns its
#   ARN. Conditions on the organisation, the account, the principal, the source or an external id tie it down; a
#   condition on anything else, or one that also holds when its key is absent, does not.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_role
# custom:
#   severity: critical
#   category: security
#   types: [aws_iam_role]
#   plan: "yes"
#   remediation: >-
#     Name the accounts or roles that may assume it, or add a condition on aws:PrincipalOrgID.
#   terraform: |
#     resource "aws_iam_role" "example" {
#       name = "example"
#       assume_role_policy = jsonencode({
#         Version = "2012-10-17"
#         Statement = [{
#           Effect    = "Allow"
#           Action    = "sts:AssumeRole"
#           Principal = { AWS = "arn:aws:iam::111122223333:root" }
#         }]
#       })
#     }
package metsuke.aws.iam.role_trust_public

import data.metsuke.lib.iam

deny contains {"message": message, "path": "assume_role_policy", "key": label, "defects": {part | some part in iam.actions(statement)}} if {
	some index, statement in input.resource.attributes.assume_role_policy.statements
	iam.addresses_everybody(statement, restricting)
	not fenced(statement)
	iam.allows_any(statement, ["sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"])
	label := iam.label(index, statement)
	message := sprintf("%s of the trust policy lets any AWS principal assume the role", [label])
}

# fenced says that another statement turns everybody away again.
fenced(statement) if {
	some other in input.resource.attributes.assume_role_policy.statements
	iam.fences(other, statement, restricting)
}

restricting := {
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "sts:externalid",
}
