# METADATA
# title: Vulnerable-dependency alerts are switched on
# description: >-
#   Most of what a repository ships was written elsewhere. Without alerts nobody learns
#   that a version in use has a published hole, and the fix that others have applied for
#   months stays away.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_repository
# custom:
#   severity: medium
#   category: security
#   types: [github_repository]
#   plan: "yes"
#   frameworks: {cis-github-1.0: ["1.5.5", "3.2.2"], cis-github-1.2: ["1.5.5", "3.2.2"]}
#   remediation: >-
#     Switch Dependabot alerts on for the repository, or for all repositories with a code
#     security configuration.
#   terraform: |
#     resource "github_repository" "example" {
#       name       = "example"
#       visibility = "private"
#     }
#
#     resource "github_repository_vulnerability_alerts" "example" {
#       repository = github_repository.example.name
#       enabled    = true
#     }
package metsuke.github.repo.dependabot_alerts_on

applicable if input.resource.attributes.archived == false

deny contains {"message": "Dependabot alerts are off", "path": "vulnerability_alerts"} if {
	input.resource.attributes.vulnerability_alerts == false
}
