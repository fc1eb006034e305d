# METADATA
# title: Human access is federated instead of local IAM users
# description: >-
#   People who sign in through the company's directory lose their access on the day they leave; IAM users with a
#   password keep it until somebody remembers. Asked for is an identity provider, SAML or IAM Identity Center, and
#   no more console users than a few for emergencies.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: low
#   category: security
#   types: [aws_account]
#   plan: "no"
#   params:
#     max_console_users: {type: number, default: 2, description: IAM users who may have a console password.}
#   frameworks:
#     cis-aws-3.0: ["1.21"]
#     cis-aws-5.0: ["1.20"]
#     cis-aws-7.0: ["2.19"]
#   remediation: >-
#     Assign access through IAM Identity Center and delete the passwords of IAM users. In Terraform:
#     aws_ssoadmin_account_assignment, or aws_iam_saml_provider with roles that trust it.
package metsuke.aws.iam.federation

deny contains {"message": "people cannot sign in through a directory: there is neither a SAML provider nor IAM Identity Center", "path": "saml_providers", "key": "provider"} if {
	count(input.resource.attributes.saml_providers) == 0
	count(input.resource.attributes.identity_center_instances) == 0
}

deny contains {"message": message, "path": "console_users", "key": "users"} if {
	input.resource.attributes.console_users > input.params.max_console_users
	message := sprintf("%d IAM users have a console password, more than %d", [input.resource.attributes.console_users, input.params.max_console_users])
}
