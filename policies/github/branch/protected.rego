# METADATA
# title: Default branches are protected by a rule or ruleset
# description: >-
#   What is on the default branch gets built, shipped and copied. Without any rule
#   everybody with write access can push to it, rewrite it and delete it, alone and
#   unseen. Classic protection and rulesets count alike. Archived and empty
#   repositories and forks are not judged.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_repository
# custom:
#   severity: high
#   category: security
#   types: [github_repository]
#   plan: "partial"
#   frameworks: {cis-github-1.0: ["1.1.20"], cis-github-1.2: ["1.1.20"]}
#   remediation: >-
#     Protect the default branch with a github_branch_protection, or all default branches
#     at once with a github_organization_ruleset whose conditions include ~DEFAULT_BRANCH.
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
#     }
package metsuke.github.branch.protected

applicable if {
	input.resource.attributes.archived == false
	input.resource.attributes.fork == false
	input.resource.attributes.default_branch_exists
}

deny contains {"message": message, "path": "default_branch_protection"} if {
	not protected
	input.resource.attributes.default_branch_protection == null
	not ruled
	message := "nothing protects the default branch"
}

# protected asks for one setting, which is known where others are not.
protected if is_boolean(input.resource.attributes.default_branch_protection.allows_deletions)

ruled if some _ in input.resource.attributes.default_branch_rules.types
