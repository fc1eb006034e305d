# METADATA
# title: Mandatory tags hold a meaningful value
# description: >-
#   A tag that says "tbd" satisfies whoever counts keys and helps nobody who looks for the owner. Values
#   are compared with the placeholders without case and surrounding spaces. A missing key is another
#   policy's business; a value that the tagging standard lets the resource inherit is held to the same.
# scope: package
# custom:
#   severity: low
#   category: tagging
#   types: ["*"]
#   plan: "yes"
#   aliases: [aws-tag-empty-value]
#   params:
#     required_tags: {type: list, default: [Owner, Environment, CostCenter], description: "Keys whose values have to say something, as AWS spells them."}
#     required_tags_by_type: {type: map, default: {}, description: "Keys for some types instead, by type or pattern."}
#     placeholder_values:
#       type: list
#       default: [tbd, todo, none, "null", n/a, na, unknown, changeme, default, test, xxx, "-"]
#       description: "Values that say nothing."
#     other_names: {type: map, default: {Environment: [env]}, description: "Further names of a key on Google Cloud and GitHub."}
#     real_values:
#       type: map
#       default: {Environment: [test]}
#       description: "Placeholders that are a proper value of some key all the same."
#   remediation: >-
#     Give the tag its real value where the resource is declared, or delete the resource that nobody owns.
#   terraform: |
#     resource "aws_s3_bucket" "example" {
#       bucket = "example"
#
#       tags = {
#         Owner       = "team-payments"
#         Environment = "prod"
#         CostCenter  = "4711"
#       }
#     }
package metsuke.common.tags.empty_value

import data.metsuke.lib.tags

required := tags.for_type(input.params.required_tags_by_type, input.params.required_tags, input.resource.type)

deny contains {"message": message, "path": "tags", "key": written} if {
	some key in required
	some written in tags.carriers(input.resource.tag_keys, key, input.params.other_names, input.resource.type)
	value := input.resource.tags[written]
	trim_space(value) == ""
	message := sprintf("the %s %s is empty", [tags.noun(input.resource.type), written])
}

deny contains {"message": message, "path": "tags", "key": written} if {
	some key in required
	some written in tags.carriers(input.resource.tag_keys, key, input.params.other_names, input.resource.type)
	value := input.resource.tags[written]
	is_placeholder(value, input.params.placeholder_values, object.get(input.params.real_values, key, []))
	message := sprintf("the %s %s is the placeholder %q", [tags.noun(input.resource.type), written, value])
}

deny contains {"message": message, "path": "tags", "key": tag.name} if {
	some key in required
	some tag in input.resource.inherited_tags
	tag.key == key
	trim_space(tag.value) == ""
	message := sprintf("the %s %s, inherited from %s, is empty", [tags.noun(input.resource.type), tag.name, input.resource.inherited_from])
}

deny contains {"message": message, "path": "tags", "key": tag.name} if {
	some key in required
	some tag in input.resource.inherited_tags
	tag.key == key
	is_placeholder(tag.value, input.params.placeholder_values, object.get(input.params.real_values, key, []))
	message := sprintf("the %s %s, inherited from %s, is the placeholder %q", [tags.noun(input.resource.type), tag.name, input.resource.inherited_from, tag.value])
}

is_placeholder(value, placeholders, real_values) if {
	some placeholder in placeholders
	lower(trim_space(value)) == lower(placeholder)
	not lower(placeholder) in real_values
}
