# METADATA
# title: Governed tags hold only values from their allowed list
# description: >-
#   Reports and rules group by a tag's value: prod, Prod and production are three environments to them.
#   Each governed key has a list of allowed values, in which * stands for anything, or a regular
#   expression that the whole value has to match. A missing key is another policy's business; a value
#   that the tagging standard lets the resource inherit is held to the same. Labels of Google Cloud and
#   custom properties of GitHub are found however their key is written.
# scope: package
# custom:
#   severity: medium
#   category: tagging
#   types: ["*"]
#   plan: "yes"
#   aliases: [aws-tag-allowed-values, gcp-labels-allowed-values]
#   params:
#     allowed_values:
#       type: map
#       default: {Environment: [prod, staging, test, dev, sandbox]}
#       description: "Key to a list of values (globs), or to a regular expression."
#     case_sensitive: {type: boolean, default: true, description: Whether the case of a value matters.}
#     other_names:
#       type: map
#       default: {Environment: [env]}
#       description: "Further names of a key on Google Cloud and GitHub."
#   remediation: >-
#     Correct the value where the resource is declared. In Terraform a variable with a validation block,
#     shared by all modules, keeps new ones out.
#   terraform: |
#     variable "environment" {
#       type = string
#
#       validation {
#         condition     = contains(["prod", "staging", "test", "dev", "sandbox"], var.environment)
#         error_message = "Use prod, staging, test, dev or sandbox."
#       }
#     }
#
#     resource "aws_s3_bucket" "example" {
#       bucket = "example"
#
#       tags = {
#         Environment = var.environment
#       }
#     }
package metsuke.common.tags.allowed_values

import data.metsuke.lib.tags

deny contains {"message": message, "path": "tags", "key": written} if {
	some key, allowed in input.params.allowed_values
	some written in tags.carriers(input.resource.tag_keys, key, input.params.other_names, input.resource.type)
	value := input.resource.tags[written]
	not is_allowed(value, allowed, input.params.case_sensitive)
	message := sprintf("the %s %s is %q, not %s", [tags.noun(input.resource.type), written, value, options(allowed)])
}

deny contains {"message": message, "path": "tags", "key": tag.name} if {
	some key, allowed in input.params.allowed_values
	some tag in input.resource.inherited_tags
	tag.key == key
	not is_allowed(tag.value, allowed, input.params.case_sensitive)
	message := sprintf("the %s %s, inherited from %s, is %q, not %s", [tags.noun(input.resource.type), tag.name, input.resource.inherited_from, tag.value, options(allowed)])
}

is_allowed(value, allowed, sensitive) if {
	is_array(allowed)
	some pattern in allowed
	glob.match(folded(pattern, sensitive), [], folded(value, sensitive))
}

is_allowed(value, allowed, true) if {
	is_string(allowed)
	regex.match(sprintf("^(?:%s)$", [allowed]), value)
}

is_allowed(value, allowed, false) if {
	is_string(allowed)
	regex.match(sprintf("^(?i:%s)$", [allowed]), value)
}

folded(text, true) := text

folded(text, false) := lower(text)

options(allowed) := sprintf("one of %s", [concat(", ", allowed)]) if is_array(allowed)

options(allowed) := sprintf("of the form %s", [allowed]) if is_string(allowed)
