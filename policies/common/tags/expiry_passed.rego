# METADATA
# title: No resource outlives its expiry tag
# description: >-
#   Somebody wrote on the resource when it is no longer needed, and it is still there. The tag holds a
#   day (2026-03-31, which ends at midnight UTC), a timestamp, or how long the resource lives from its
#   creation on (72h, 14d). A resource without such a tag, with one that cannot be understood, or with a
#   length of time and no known time of creation, is not judged.
# scope: package
# custom:
#   severity: medium
#   category: tagging
#   types: ["*"]
#   plan: "partial"
#   aliases: [aws-tag-expiry-passed]
#   params:
#     expiry_keys: {type: list, default: [ExpiresOn, expiry, ttl], description: "Keys that say when a resource expires, however they are written."}
#   remediation: >-
#     Delete the resource, or ask its owner for a later date.
#   terraform: |
#     resource "aws_s3_bucket" "example" {
#       bucket = "example"
#
#       tags = {
#         ExpiresOn = "2030-12-31"
#       }
#     }
package metsuke.common.tags.expiry_passed

import data.metsuke.lib.tags
import data.metsuke.lib.time

applicable if {
	some key in keys
	expiry_of(trim_space(input.resource.tags[key]), input.resource.created)
}

keys contains key if {
	some wanted in input.params.expiry_keys
	some key in tags.spelt(input.resource.tag_keys, wanted)
}

expiry_of(value, _) := time.date_end(value) if time.is_date(value)

expiry_of(value, _) := value if time.is_timestamp(value)

expiry_of(value, created) := time.add(created, value) if {
	time.is_duration(value)
	created != null
}

deny contains {"message": message, "path": "tags", "key": key} if {
	some key in keys
	expiry := expiry_of(trim_space(input.resource.tags[key]), input.resource.created)
	not time.is_after(expiry, input.now)
	message := sprintf("expired %d days ago (%s: %s)", [
		time.age_days(expiry, input.now),
		key,
		trim_space(input.resource.tags[key]),
	])
}
