# METADATA
# title: IAM users with a console password have MFA
# description: >-
#   A password alone is guessed, phished or bought. With a second factor that is not enough to sign in. The root
#   user has policies of its own.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_user
# custom:
#   severity: high
#   category: security
#   types: [aws_iam_user]
#   plan: "no"
#   frameworks:
#     cis-aws-3.0: ["1.10"]
#     cis-aws-5.0: ["1.9"]
#     cis-aws-7.0: ["2.10"]
#     fsbp: ["IAM.5"]
#     pci-dss-4.0: ["8.4.1"]
#   remediation: >-
#     Have the user register an MFA device, enforce it with a policy on aws:MultiFactorAuthPresent, or move the
#     person to IAM Identity Center and delete the password.
package metsuke.aws.iam.user_console_mfa

deny contains {"message": "the user has a console password and no MFA device", "path": "mfa_active"} if {
	input.resource.attributes.password_enabled == true
	input.resource.attributes.mfa_active == false
}
