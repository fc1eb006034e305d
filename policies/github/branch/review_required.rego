# METADATA
# title: Changes reach the default branch only through reviewed pull requests
# description: >-
#   A second pair of eyes catches what the first overlooked, and makes one lost account
#   too little to change what is shipped. Classic protection and rulesets count alike.
#   Archived and empty repositories and forks are not judged.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_repository
# custom:
#   severity: high
#   category: security
#   types: [github_repository]
#   plan: "partial"
#   params:
#     min_approvals: {type: number, default: 1, description: The fewest approvals that are enough.}
#   frameworks: {cis-github-1.0: ["1.1.3"], cis-github-1.2: ["1.1.3"]}
#   remediation: >-
#     Require a pull request with approvals: required_pull_request_reviews in a
#     github_branch_protection, or the rule pull_request in a ruleset.
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
#       required_pull_request_reviews {
#         required_approving_review_count = 1
#       }
#     }
package metsuke.github.branch.review_required

applicable if {
	input.resource.attributes.archived == false
	input.resource.attributes.fork == false
	input.resource.attributes.default_branch_exists
}

deny contains {"message": message, "path": "default_branch_protection.required_pull_request_reviews"} if {
	not by_protection
	not by_ruleset
	not locked
	message := sprintf("changes to the default branch need fewer approvals than %d", [input.params.min_approvals])
}

# Three rules and not three bodies of one: where one of them is certain, it decides,
# even if what another one reads is unknown.
by_protection if {
	input.resource.attributes.default_branch_protection.required_pull_request_reviews.required_approving_review_count >= input.params.min_approvals
}

by_ruleset if {
	input.resource.attributes.default_branch_rules.pull_request.required_approving_review_count >= input.params.min_approvals
}

# Nobody changes a branch that is read-only.
locked if input.resource.attributes.default_branch_protection.lock_branch
