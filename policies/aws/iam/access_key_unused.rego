# METADATA
# title: Access keys unused for 45 days are disabled
# description: >-
#   A key that nobody uses is a key that nobody misses when it is stolen. There is a finding for each active key
#   that was not used for the given time, or that was never used and is that old.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_user
# custom:
#   severity: medium
#   category: security
#   types: [aws_iam_user]
#   plan: "no"
#   params:
#     max_unused_days: {type: number, default: 45, description: Days without use after which a credential has to be disabled.}
#   frameworks:
#     cis-aws-3.0: ["1.12"]
#     cis-aws-5.0: ["1.11"]
#     cis-aws-7.0: ["2.11"]
#     fsbp: ["IAM.8"]
#     pci-dss-4.0: ["7.2.4", "7.2.5.1", "8.2.6"]
#   remediation: >-
#     Deactivate the key, wait for complaints, delete it.
package metsuke.aws.iam.access_key_unused

import data.metsuke.lib.time

deny contains {"message": message, "path": "access_keys", "key": sprintf("access-key-%d", [key.slot])} if {
	some key in input.resource.attributes.access_keys
	key.active == true
	key.last_used != null
	time.older_than_days(key.last_used, input.params.max_unused_days, input.now)
	message := sprintf("access key %d was last used %d days ago", [key.slot, time.age_days(key.last_used, input.now)])
}

deny contains {"message": message, "path": "access_keys", "key": sprintf("access-key-%d", [key.slot])} if {
	some key in input.resource.attributes.access_keys
	key.active == true
	key.last_used == null
	time.older_than_days(key.last_rotated, input.params.max_unused_days, input.now)
	message := sprintf("access key %d was made %d days ago and never used", [key.slot, time.age_days(key.last_rotated, input.now)])
}
