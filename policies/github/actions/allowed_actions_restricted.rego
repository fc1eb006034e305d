# METADATA
# title: Workflows may use only trusted actions
# description: >-
#   An action runs with the workflow's token and secrets. Where every action on GitHub
#   is allowed, one line in a workflow, or one maintainer whose account is lost, runs
#   somebody else's code with them.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_actions_organization_permissions
# custom:
#   severity: high
#   category: security
#   types: [github_actions_organization_permissions]
#   plan: "yes"
#   frameworks: {cis-github-1.0: ["2.3.5"], cis-github-1.2: ["2.3.5"]}
#   remediation: >-
#     Allow selected actions only and name the trusted ones, none of them by */*.
#   terraform: |
#     resource "github_actions_organization_permissions" "example" {
#       enabled_repositories = "all"
#       allowed_actions      = "selected"
#
#       allowed_actions_config {
#         github_owned_allowed = true
#         verified_allowed     = false
#         patterns_allowed     = ["example/*"]
#       }
#     }
package metsuke.github.actions.allowed_actions_restricted

applicable if input.resource.attributes.enabled_repositories != "none"

deny contains {"message": "workflows may use every action on GitHub", "path": "allowed_actions"} if {
	input.resource.attributes.allowed_actions == "all"
}

deny contains {"message": message, "path": "allowed_actions_config", "key": pattern} if {
	input.resource.attributes.allowed_actions == "selected"
	some pattern in input.resource.attributes.allowed_actions_config.patterns_allowed
	startswith(pattern, "*/*")
	message := sprintf("the pattern %s allows every action on GitHub", [pattern])
}
