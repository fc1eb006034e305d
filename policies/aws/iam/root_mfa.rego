# METADATA
# title: The root user has MFA
# description: >-
#   The root user can do everything, and no policy of the account restrains it. Its password alone must not be
#   enough to sign in. Members whose root credentials the organisation manages centrally and whose root user has no
#   password pass; that is known only where the scan goes through the management account.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: critical
#   category: security
#   types: [aws_account]
#   plan: "no"
#   frameworks:
#     cis-aws-3.0: ["1.5"]
#     cis-aws-5.0: ["1.4"]
#     cis-aws-7.0: ["2.5"]
#     pci-dss-4.0: ["8.4.1"]
#   remediation: >-
#     Sign in as root and assign MFA devices, or let the organisation remove the root credentials of its members
#     (aws_iam_organizations_features with RootCredentialsManagement).
package metsuke.aws.iam.root_mfa

deny contains {"message": "the root user has no MFA device", "path": "root_mfa_enabled"} if {
	input.resource.attributes.root_mfa_enabled == false
	not without_credentials
}

without_credentials if {
	input.resource.attributes.root_credentials.password_enabled == false
	input.resource.attributes.root_credentials_managed == true
}
