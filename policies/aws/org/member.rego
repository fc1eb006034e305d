# METADATA
# title: The account belongs to an AWS Organization with all features
# description: >-
#   Guardrails such as service control policies, one bill and central logging reach an account only through an
#   organisation with all features. An account outside is on its own, and an organisation that shares only the bill
#   cannot restrain anybody.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: medium
#   category: security
#   types: [aws_account]
#   plan: "no"
#   frameworks:
#     pci-dss-4.0: ["7.2.1", "7.2.2", "7.2.5", "7.3.1", "7.3.2", "7.3.3", "8.2.7", "8.2.8", "8.3.4"]
#   remediation: >-
#     Invite the account to the organisation, or create it there; enable all features. In Terraform:
#     aws_organizations_organization with feature_set ALL.
package metsuke.aws.org.member

deny contains {"message": "the account is in no organisation", "path": "organization"} if {
	input.resource.attributes.organization == null
}

deny contains {"message": message, "path": "organization.feature_set"} if {
	organization := input.resource.attributes.organization
	organization != null
	organization.feature_set != "ALL"
	message := sprintf("the organisation %s shares only the bill: its features are %s", [organization.id, organization.feature_set])
}
