# METADATA
# title: Members cannot create public repositories
# description: >-
#   One wrong choice in a form publishes what the company owns. Where only owners can
#   create public repositories, every publication has passed somebody who is answerable
#   for it.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_organization
# custom:
#   severity: medium
#   category: security
#   types: [github_organization]
#   plan: "yes"
#   frameworks: {cis-github-1.0: ["1.2.2"], cis-github-1.2: ["1.2.2"]}
#   remediation: >-
#     Let owners alone create public repositories.
#   terraform: |
#     resource "github_organization_settings" "example" {
#       billing_email                          = "billing@example.com"
#       members_can_create_public_repositories = false
#     }
package metsuke.github.org.no_member_public_repos

deny contains {"message": message, "path": "members_can_create_public_repositories"} if {
	input.resource.attributes.members_can_create_public_repositories
	message := "members who are not owners can create public repositories"
}
