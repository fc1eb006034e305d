# METADATA
# title: The root user has no access keys
# description: >-
#   An access key of the root user gives everything in the account to whoever finds it, without MFA and beyond every
#   policy. Nothing needs one.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: critical
#   category: security
#   types: [aws_account]
#   plan: "no"
#   frameworks:
#     cis-aws-3.0: ["1.4"]
#     cis-aws-5.0: ["1.3"]
#     cis-aws-7.0: ["2.4"]
#     fsbp: ["IAM.4"]
#     pci-dss-4.0: ["7.2.1", "7.2.2", "7.2.3", "8.2.1", "8.2.2", "8.2.4", "8.2.5", "8.3.11"]
#   remediation: >-
#     Sign in as root, replace what uses the key by a role, and delete the key under Security credentials.
package metsuke.aws.iam.root_access_key

deny contains {"message": "the root user has an access key", "path": "root_access_keys_present"} if {
	input.resource.attributes.root_access_keys_present == true
}
