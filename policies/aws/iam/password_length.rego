# METADATA
# title: The password policy asks for at least 14 characters
# description: >-
#   Short passwords are guessed. Without a policy of its own an account asks for eight characters, and fails.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_account_password_policy
# custom:
#   severity: medium
#   category: security
#   types: [aws_iam_account_password_policy]
#   plan: "yes"
#   params:
#     min_length: {type: number, default: 14, description: Least number of characters.}
#   frameworks:
#     cis-aws-3.0: ["1.8"]
#     cis-aws-5.0: ["1.7"]
#     cis-aws-7.0: ["2.8"]
#     fsbp: ["IAM.7"]
#   remediation: >-
#     Set a password policy that asks for at least 14 characters.
#   terraform: |
#     # The account's whole password policy: what is left out is not asked for.
#     resource "aws_iam_account_password_policy" "example" {
#       minimum_password_length   = 14
#       password_reuse_prevention = 24
#     }
package metsuke.aws.iam.password_length

deny contains {"message": "the account has no password policy of its own", "path": "minimum_password_length"} if {
	input.resource.attributes.minimum_password_length == null
}

deny contains {"message": message, "path": "minimum_password_length"} if {
	input.resource.attributes.minimum_password_length != null
	input.resource.attributes.minimum_password_length < input.params.min_length
	message := sprintf("passwords may have %d characters, fewer than %d", [input.resource.attributes.minimum_password_length, input.params.min_length])
}
