# METADATA
# title: The password policy remembers 24 passwords
# description: >-
#   Who has to change a password and may take an old one again has changed nothing. Without a policy of its own an
#   account remembers none.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_account_password_policy
# custom:
#   severity: medium
#   category: security
#   types: [aws_iam_account_password_policy]
#   plan: "yes"
#   params:
#     min_history: {type: number, default: 24, description: Least number of former passwords that are remembered.}
#   frameworks:
#     cis-aws-3.0: ["1.9"]
#     cis-aws-5.0: ["1.8"]
#     cis-aws-7.0: ["2.9"]
#     fsbp: ["IAM.7"]
#   remediation: >-
#     Set a password policy that remembers 24 passwords.
#   terraform: |
#     # The account's whole password policy: what is left out is not asked for.
#     resource "aws_iam_account_password_policy" "example" {
#       minimum_password_length   = 14
#       password_reuse_prevention = 24
#     }
package metsuke.aws.iam.password_reuse

deny contains {"message": "former passwords may be used again at once", "path": "password_reuse_prevention"} if {
	input.resource.attributes.password_reuse_prevention == null
}

deny contains {"message": message, "path": "password_reuse_prevention"} if {
	input.resource.attributes.password_reuse_prevention != null
	input.resource.attributes.password_reuse_prevention < input.params.min_history
	message := sprintf("%d former passwords are remembered, fewer than %d", [input.resource.attributes.password_reuse_prevention, input.params.min_history])
}
