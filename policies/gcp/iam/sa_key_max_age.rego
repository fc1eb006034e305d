# METADATA
# title: No service account key in use is older than 90 days
# description: >-
#   The longer a key exists, the more copies of it there are. Keys that are replaced regularly
#   limit how long a lost copy is of use.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_service_account_key
# custom:
#   severity: medium
#   category: security
#   plan: "no"
#   types: [google_service_account_key]
#   frameworks: {cis-gcp-3.0: ["1.7"], cis-gcp-4.0: ["1.7"], cis-gcp-5.0: ["1.8"]}
#   params:
#     max_age_days:
#       type: number
#       default: 90
#       description: >-
#         Days that a key may be in use.
#   remediation: >-
#     Create a new key, bring it to where the old one is used, disable the old one, and delete
#     it when nothing complains.
package metsuke.gcp.iam.sa_key_max_age

import data.metsuke.lib.time

deny contains {"message": message, "path": "valid_after"} if {
	input.resource.attributes.key_type == "USER_MANAGED"
	not input.resource.attributes.disabled
	input.resource.attributes.valid_after != null
	time.older_than_days(input.resource.attributes.valid_after, input.params.max_age_days, input.now)
	message := sprintf("is %d days old", [time.age_days(input.resource.attributes.valid_after, input.now)])
}
