# METADATA
# title: Taggable resources have at least one user-defined tag
# description: >-
#   A resource without any tag was most likely made by hand and forgotten: there is not even a hint whom
#   to ask. Tags that a cloud sets by itself (aws:, goog-) do not count; those that the tagging standard
#   lets the resource inherit do. A resource without tags also lacks the mandatory ones; with
#   suppress_when_mandatory it is left to common-tags-mandatory-keys, so that it is counted once.
# scope: package
# custom:
#   severity: low
#   category: tagging
#   types: ["*"]
#   plan: "yes"
#   aliases: [aws-tag-untagged]
#   params:
#     suppress_when_mandatory: {type: boolean, default: false, description: "Whether to leave resources to common-tags-mandatory-keys whose type has mandatory keys there."}
#     required_tags: {type: list, default: [Owner, Environment, CostCenter], description: "The mandatory keys, as common-tags-mandatory-keys has them."}
#     required_tags_by_type: {type: map, default: {}, description: "The mandatory keys of some types, likewise."}
#   remediation: >-
#     Find out from the audit log who made the resource, and have it tagged or deleted.
#   terraform: |
#     resource "aws_s3_bucket" "example" {
#       bucket = "example"
#
#       tags = {
#         Owner = "team-payments"
#       }
#     }
package metsuke.common.tags.untagged

import data.metsuke.lib.tags

applicable if {
	not left_to_mandatory
	not tags.of_a_service(input.resource.id, input.resource.tag_keys)
	not tags.came_with_the_account(input.resource.type, input.resource.name, input.resource.tag_keys)
}

left_to_mandatory if {
	input.params.suppress_when_mandatory
	count(tags.for_type(input.params.required_tags_by_type, input.params.required_tags, input.resource.type)) > 0
}

deny contains {"message": message, "path": "tags"} if {
	count(tags.user_keys(input.resource.tag_keys)) == 0
	count(input.resource.inherited_tags) == 0
	message := sprintf("has no %s at all", [tags.nouns(input.resource.type, 2)])
}
