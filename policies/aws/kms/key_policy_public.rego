# METADATA
# title: KMS key policies do not grant access to everyone
# description: >-
#   Who may use a key may read what it encrypts. A key policy that allows the principal * hands the key to every AWS
#   account there is, unless a condition ties the callers to an account, an organisation, a source or a network. A
#   condition on kms:ViaService alone does not: everybody can call through the same service.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_kms_key
# custom:
#   severity: critical
#   category: security
#   types: [aws_kms_key]
#   frameworks: {cis-aws-7.0: ["2.21"], fsbp: ["KMS.5"]}
#   plan: "yes"
#   remediation: >-
#     Name the accounts and roles that need the key as principals, or add a condition on kms:CallerAccount or
#     aws:PrincipalOrgID to the statement.
#   terraform: |
#     data "aws_caller_identity" "current" {}
#
#     data "aws_iam_policy_document" "example" {
#       statement {
#         actions   = ["kms:*"]
#         resources = ["*"]
#
#         principals {
#           type        = "AWS"
#           identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
#         }
#       }
#     }
#
#     resource "aws_kms_key_policy" "example" {
#       key_id = aws_kms_key.example.id
#       policy = data.aws_iam_policy_document.example.json
#     }
package metsuke.aws.kms.key_policy_public

import data.metsuke.lib.iam

deny contains {"message": message, "path": "policy", "key": label, "defects": {part | some part in iam.actions(statement)}} if {
	some index, statement in input.resource.attributes.policy.statements
	iam.addresses_everybody(statement, restricting)
	not fenced(statement)
	label := iam.label(index, statement)
	message := sprintf("%s of the key policy lets everybody in", [label])
}

# fenced says that another statement turns everybody away again.
fenced(statement) if {
	some other in input.resource.attributes.policy.statements
	iam.fences(other, statement, restricting)
}

restricting := {
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths",
	"aws:sourcevpc", "aws:sourcevpce", "kms:calleraccount",
}
