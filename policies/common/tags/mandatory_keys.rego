# METADATA
# title: Taggable resources carry every mandatory tag key
# description: >-
#   Without an owner nobody answers for a resource, and without a cost centre nobody pays for it. The
#   keys are written once, as required_tags, for all providers: AWS tags are compared exactly, as cost
#   reports do; a Google Cloud label or GitHub custom property counts however it is written (CostCenter
#   is cost_center there, and cost-center will do), and so do the other names. A key that the tagging
#   standard lets resources inherit from their account or project may be there instead. Whether the
#   values make sense is judged by other policies. What a cloud service made for itself is left out:
#   roles linked to a service, nodes of a GKE or Dataproc cluster, and resources that carry nothing but
#   tags of an AWS service; so is what came with the account, default VPCs and default security groups.
# scope: package
# custom:
#   severity: medium
#   category: tagging
#   types: ["*"]
#   plan: "yes"
#   aliases: [aws-tag-mandatory-keys, gcp-labels-required]
#   params:
#     required_tags: {type: list, default: [Owner, Environment, CostCenter], description: "Keys that every resource carries, as AWS spells them."}
#     required_tags_by_type:
#       type: map
#       default: {github_repository: [Owner, CostCenter]}
#       description: "Keys for some types instead, by type or pattern (google_*); an empty list for none."
#     other_names:
#       type: map
#       default: {Environment: [env]}
#       description: "Further names under which a key counts on Google Cloud and GitHub."
#     types: {type: list, default: ["*"], description: "Types to judge, or patterns."}
#     exclude_types: {type: list, default: [], description: "Types not to judge, or patterns."}
#   remediation: >-
#     Add the tags where the resource is declared. In Terraform the provider's default_tags (AWS) or
#     default_labels (Google Cloud) reach everything at once.
#   terraform: |
#     provider "aws" {
#       default_tags {
#         tags = {
#           Owner       = "team-payments"
#           Environment = "prod"
#           CostCenter  = "4711"
#         }
#       }
#     }
#
#     provider "google" {
#       default_labels = {
#         owner       = "team-payments"
#         environment = "prod"
#         cost_center = "4711"
#       }
#     }
#
#     resource "aws_s3_bucket" "example" {
#       bucket = "example"
#     }
package metsuke.common.tags.mandatory_keys

import data.metsuke.lib.tags

applicable if {
	tags.selected(input.resource.type, input.params.types, input.params.exclude_types)
	count(required) > 0
	not tags.of_a_service(input.resource.id, input.resource.tag_keys)
	not tags.came_with_the_account(input.resource.type, input.resource.name, input.resource.tag_keys)
}

required := tags.for_type(input.params.required_tags_by_type, input.params.required_tags, input.resource.type)

deny contains {"message": message, "path": "tags", "defects": missing} if {
	missing := [tags.spelling(key, input.resource.type) |
		some key in required
		not tags.carries(input.resource.tag_keys, key, input.params.other_names, input.resource.type)
		not tags.inherits(input.resource.inherited_tags, key)
	]
	count(missing) > 0
	message := sprintf("lacks the %s %s", [tags.nouns(input.resource.type, count(missing)), concat(", ", missing)])
}
