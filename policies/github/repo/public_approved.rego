# METADATA
# title: Public repositories are on the approved list
# description: >-
#   What is public once stays public: it is cloned and indexed within minutes, history
#   and all. A repository that is meant to be public says so with a topic or a custom
#   property; any other public one is a mistake until somebody says otherwise.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_repository
# custom:
#   severity: high
#   category: security
#   types: [github_repository]
#   plan: "yes"
#   params:
#     approval:
#       type: string
#       default: public-approved
#       description: Topic, or custom property with a value other than false or no, that approves a public repository.
#   frameworks: {cis-github-1.0: ["1.2.6"], cis-github-1.2: ["1.2.6"]}
#   remediation: >-
#     Set the visibility to private or internal, or have the publication approved and
#     give the repository the topic or custom property. Look at its history for secrets
#     first: making it private takes nothing back.
#   terraform: |
#     resource "github_repository" "example" {
#       name       = "example"
#       visibility = "private"
#     }
package metsuke.github.repo.public_approved

deny contains {"message": message, "path": "visibility"} if {
	input.resource.attributes.visibility == "public"
	not by_topic
	not by_property
	message := sprintf("the repository is public and has neither the topic nor the custom property %s", [input.params.approval])
}

by_topic if input.params.approval in input.resource.attributes.topics

by_property if {
	value := lower(input.resource.tags[input.params.approval])
	not value in {"", "false", "no"}
}
