# METADATA
# title: Pushed secrets are detected and blocked
# description: >-
#   A key in the history of a repository is a key in every clone of it. Secret scanning
#   finds what is there; push protection refuses it before it gets there, which is the
#   only time at which nothing has to be revoked. Private repositories need GitHub
#   Secret Protection for it.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_repository
# custom:
#   severity: high
#   category: security
#   types: [github_repository]
#   plan: "yes"
#   params:
#     private_repositories:
#       type: boolean
#       default: true
#       description: >-
#         Judge private and internal repositories as well. Set it to false where the
#         organisation has no licence for GitHub Secret Protection.
#   frameworks: {cis-github-1.0: ["1.5.1"], cis-github-1.2: ["1.5.1"]}
#   remediation: >-
#     Switch both on in the repository's security_and_analysis, or for all repositories
#     with a code security configuration of the organisation. A repository that is not
#     public needs a licence for them: GitHub Secret Protection, or GitHub Advanced
#     Security switched on beside them.
#   terraform: |
#     resource "github_repository" "example" {
#       name       = "example"
#       visibility = "private"
#
#       security_and_analysis {
#         secret_scanning {
#           status = "enabled"
#         }
#
#         secret_scanning_push_protection {
#           status = "enabled"
#         }
#       }
#     }
package metsuke.github.repo.secret_scanning

# Null: not offered for the repository.
applicable if {
	judged
	input.resource.attributes.security_and_analysis.secret_scanning != null
}

judged if input.resource.attributes.visibility == "public"

judged if input.params.private_repositories

deny contains {
	"message": "secret scanning is off",
	"path": "security_and_analysis.secret_scanning",
	"key": "secret_scanning",
} if {
	input.resource.attributes.security_and_analysis.secret_scanning.status != "enabled"
}

# Nobody pushes to an archived repository.
deny contains {
	"message": "push protection of secret scanning is off",
	"path": "security_and_analysis.secret_scanning_push_protection",
	"key": "secret_scanning_push_protection",
} if {
	input.resource.attributes.archived == false
	not push_protection
}

push_protection if input.resource.attributes.security_and_analysis.secret_scanning_push_protection.status == "enabled"
