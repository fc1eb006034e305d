# METADATA
# title: The root user has hardware MFA
# description: >-
#   An app on a telephone can be copied and lost with the telephone; for the root user, which can do everything, a
#   passkey or hardware token belongs in a safe. A virtual device counts against the account even beside a hardware
#   one, for either is enough to sign in. Members whose root credentials the organisation manages centrally and
#   whose root user has no password pass; that is known only where the scan goes through the management account.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: high
#   category: security
#   types: [aws_account]
#   plan: "no"
#   frameworks:
#     cis-aws-3.0: ["1.6"]
#     cis-aws-5.0: ["1.5"]
#     cis-aws-7.0: ["2.6"]
#     fsbp: ["IAM.6"]
#     pci-dss-4.0: ["8.4.1"]
#   remediation: >-
#     Register a hardware key or passkey for the root user and remove the virtual device, or let the organisation
#     remove the root credentials of its members.
package metsuke.aws.iam.root_hardware_mfa

deny contains {"message": "the root user has no MFA device", "path": "root_mfa_enabled"} if {
	input.resource.attributes.root_mfa_enabled == false
	not without_credentials
}

deny contains {"message": "the root user signs in with a virtual MFA device", "path": "root_virtual_mfa"} if {
	input.resource.attributes.root_mfa_enabled == true
	input.resource.attributes.root_virtual_mfa == true
}

without_credentials if {
	input.resource.attributes.root_credentials.password_enabled == false
	input.resource.attributes.root_credentials_managed == true
}
