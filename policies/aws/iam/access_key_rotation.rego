# METADATA
# title: No active access key is older than 90 days
# description: >-
#   An access key is a password that never expires, kept in files and variables that are copied. The older it is,
#   the more copies there are, and the less anybody knows where. There is a finding for each active key.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_user
# custom:
#   severity: medium
#   category: security
#   types: [aws_iam_user]
#   plan: "no"
#   params:
#     max_key_age_days: {type: number, default: 90, description: Days after which a key has to be replaced.}
#   frameworks:
#     cis-aws-3.0: ["1.14"]
#     cis-aws-5.0: ["1.13"]
#     cis-aws-7.0: ["2.12"]
#     fsbp: ["IAM.3"]
#     pci-dss-4.0: ["8.3.5", "8.3.7", "8.3.9", "8.6.3"]
#   remediation: >-
#     Replace the key, or better the user, by a role: IAM Identity Center for people, roles for workloads, OIDC for
#     pipelines. Deactivate the old key before it is deleted.
package metsuke.aws.iam.access_key_rotation

import data.metsuke.lib.time

deny contains {"message": message, "path": "access_keys", "key": sprintf("access-key-%d", [key.slot])} if {
	some key in input.resource.attributes.access_keys
	key.active == true
	time.older_than_days(key.last_rotated, input.params.max_key_age_days, input.now)
	message := sprintf("access key %d is %d days old, more than %d", [
		key.slot,
		time.age_days(key.last_rotated, input.now),
		input.params.max_key_age_days,
	])
}
