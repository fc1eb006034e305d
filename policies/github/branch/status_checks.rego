# METADATA
# title: Merges wait for required status checks on an up-to-date branch
# description: >-
#   Tests that may fail without consequence protect nothing. A branch that is not up to
#   date was tested together with something else than it is merged into. Classic
#   protection and rulesets count alike, each for itself. Archived and empty repositories
#   and forks are not judged.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_repository
# custom:
#   severity: medium
#   category: security
#   types: [github_repository]
#   plan: "partial"
#   params:
#     strict: {type: boolean, default: true, description: The branch to merge must be up to date as well.}
#   frameworks: {cis-github-1.0: ["1.1.9", "1.1.10", "1.1.18"], cis-github-1.2: ["1.1.9", "1.1.10", "1.1.18"]}
#   remediation: >-
#     Name the checks in required_status_checks of a github_branch_protection with strict,
#     or in the rule required_status_checks of a ruleset with
#     strict_required_status_checks_policy.
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
#       required_status_checks {
#         strict   = true
#         contexts = ["test"]
#       }
#     }
package metsuke.github.branch.status_checks

applicable if {
	input.resource.attributes.archived == false
	input.resource.attributes.fork == false
	input.resource.attributes.default_branch_exists
}

deny contains {"message": message, "path": "default_branch_protection.required_status_checks", "key": "checks"} if {
	not checks_by_protection
	not checks_by_ruleset
	not locked
	message := "no status check is required before a merge into the default branch"
}

deny contains {"message": message, "path": "default_branch_protection.required_status_checks", "key": "strict"} if {
	input.params.strict
	checked
	not strict_by_protection
	not strict_by_ruleset
	not locked
	message := "a merge into the default branch does not wait until its checks have run on top of it"
}

checked if checks_by_protection

checked if checks_by_ruleset

# Rules of their own for protection and rulesets, not two bodies of one: where one is
# certain, it decides, even if what the other one reads is unknown.
checks_by_protection if count(input.resource.attributes.default_branch_protection.required_status_checks.contexts) > 0

checks_by_ruleset if some _ in input.resource.attributes.default_branch_rules.required_status_checks.contexts

# Being up to date counts where there is a check to wait for.
strict_by_protection if {
	checks_by_protection
	input.resource.attributes.default_branch_protection.required_status_checks.strict
}

strict_by_ruleset if {
	checks_by_ruleset
	input.resource.attributes.default_branch_rules.required_status_checks.strict
}

# A locked branch takes no merges.
locked if input.resource.attributes.default_branch_protection.lock_branch
