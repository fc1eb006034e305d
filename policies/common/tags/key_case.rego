# METADATA
# title: Tag keys use the canonical spelling and case
# description: >-
#   AWS takes CostCenter, costcenter and cost-center for three different tags, and so does every bill and
#   every search. A key that differs from one of the standard only by case, spaces, underscores, hyphens
#   or dots is reported under the spelling it should have: CostCenter on AWS, cost_center on Google Cloud.
#   GitHub's custom properties are spelt once, by the organisation, and are not judged.
# scope: package
# custom:
#   severity: low
#   category: tagging
#   types: ["*"]
#   plan: "yes"
#   aliases: [aws-tag-key-case]
#   params:
#     canonical_keys: {type: list, default: [Owner, Environment, CostCenter], description: "The keys of the standard, as AWS spells them."}
#     key_pattern: {type: string, default: "", description: "Regular expression that all other keys of people match as a whole; empty for any."}
#   remediation: >-
#     Set the tag under its canonical key and remove the other one, where the resource is declared.
#   terraform: |
#     resource "aws_s3_bucket" "example" {
#       bucket = "example"
#
#       tags = {
#         CostCenter = "4711"
#       }
#     }
package metsuke.common.tags.key_case

import data.metsuke.lib.tags

applicable if not startswith(input.resource.type, "github_")

deny contains {"message": message, "path": "tags", "key": key} if {
	some key in tags.user_keys(input.resource.tag_keys)
	some canonical in input.params.canonical_keys
	tags.normal(key) == tags.normal(canonical)
	wanted := tags.spelling(canonical, input.resource.type)
	key != wanted
	message := sprintf("the %s %s is to be written %s", [tags.noun(input.resource.type), key, wanted])
}

deny contains {"message": message, "path": "tags", "key": key} if {
	input.params.key_pattern != ""
	some key in tags.user_keys(input.resource.tag_keys)
	not tags.normal(key) in {tags.normal(canonical) | some canonical in input.params.canonical_keys}
	not regex.match(sprintf("^(?:%s)$", [input.params.key_pattern]), key)
	message := sprintf("the %s %s does not have the form %s", [tags.noun(input.resource.type), key, input.params.key_pattern])
}
