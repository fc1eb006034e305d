# METADATA
# title: History on the default branch cannot be rewritten
# description: >-
#   A force push replaces reviewed commits by others, and whoever pulled before is left
#   with a history that never was. Classic protection and rulesets count alike. Archived
#   and empty repositories and forks are not judged.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_repository
# custom:
#   severity: high
#   category: security
#   types: [github_repository]
#   plan: "partial"
#   frameworks: {cis-github-1.0: ["1.1.16"], cis-github-1.2: ["1.1.16"]}
#   remediation: >-
#     Forbid force pushes in the protection of the default branch, or add the rule
#     non_fast_forward to a ruleset.
#   terraform: |
#     resource "github_repository" "example" {
#       name       = "example"
#       visibility = "private"
#     }
#
#     resource "github_branch_default" "example" {
#       repository = github_repository.example.name
#       branch     = "main"
#     }
#
#     resource "github_branch_protection" "example" {
#       repository_id = github_repository.example.node_id
#       pattern       = github_branch_default.example.branch
#
#       allows_force_pushes = false
#     }
package metsuke.github.branch.no_force_push

applicable if {
	input.resource.attributes.archived == false
	input.resource.attributes.fork == false
	input.resource.attributes.default_branch_exists
}

deny contains {"message": message, "path": "default_branch_protection.allows_force_pushes"} if {
	not prevented
	message := "the history of the default branch can be rewritten"
}

prevented if input.resource.attributes.default_branch_rules.non_fast_forward

prevented if input.resource.attributes.default_branch_protection.allows_force_pushes == false
