# METADATA
# title: Members get at most read access to repositories by default
# description: >-
#   The base permission counts in every repository of the organisation, and what a
#   member may do there is the larger of it and of the member's own rights. With write
#   as the base, every account can change every repository, and taking somebody out of a
#   team takes nothing away.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_organization
# custom:
#   severity: high
#   category: security
#   types: [github_organization]
#   plan: "yes"
#   params:
#     allowed:
#       type: list
#       default: [none, read]
#       description: Base permissions that are small enough; [none] is stricter.
#   frameworks: {cis-github-1.0: ["1.3.8"], cis-github-1.2: ["1.3.8"]}
#   remediation: >-
#     Lower the base permission to "none" or "read", and give more through teams.
#   terraform: |
#     resource "github_organization_settings" "example" {
#       billing_email                 = "billing@example.com"
#       default_repository_permission = "read"
#     }
package metsuke.github.org.base_permission_minimal

deny contains {"message": message, "path": "default_repository_permission"} if {
	not input.resource.attributes.default_repository_permission in input.params.allowed
	message := sprintf("every member has %s access to every repository", [input.resource.attributes.default_repository_permission])
}
