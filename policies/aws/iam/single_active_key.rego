# METADATA
# title: No IAM user has two active access keys
# description: >-
#   A second key is meant for the hours in which one replaces the other. Two that stay active double what can leak,
#   and the forgotten one is never replaced.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_user
# custom:
#   severity: medium
#   category: security
#   types: [aws_iam_user]
#   plan: "no"
#   params:
#     rotation_grace_days: {type: number, default: 0, description: Days for which a new key may be active beside the old one.}
#   frameworks:
#     cis-aws-3.0: ["1.13"]
#     cis-aws-5.0: ["1.12"]
#   remediation: >-
#     Find out which key is in use (its last use is in the console), deactivate and delete the other.
package metsuke.aws.iam.single_active_key

import data.metsuke.lib.time

deny contains {"message": "two access keys are active", "path": "access_keys"} if {
	count(active) > 1
	not in_rotation
}

active contains key if {
	some key in input.resource.attributes.access_keys
	key.active == true
}

in_rotation if {
	input.params.rotation_grace_days > 0
	some key in active
	not time.older_than_days(key.last_rotated, input.params.rotation_grace_days, input.now)
}
