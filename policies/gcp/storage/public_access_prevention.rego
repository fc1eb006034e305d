# METADATA
# title: Bucket settings rule out public grants altogether
# description: >-
#   Public access prevention makes public grants impossible, so that no later mistake can
#   publish the bucket. The organisation policy storage.publicAccessPrevention does the same for
#   a whole project; a plan does not show it, so tell the rule with constraint_in_force where it
#   holds.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_storage_bucket
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_storage_bucket]
#   params:
#     constraint_in_force:
#       type: boolean
#       default: false
#       description: >-
#         Whether the organisation policy storage.publicAccessPrevention is in force on every
#         project, so that plans are judged accordingly.
#   remediation: >-
#     Enforce public access prevention on the bucket, or the organisation policy
#     storage.publicAccessPrevention.
#   terraform: |
#     resource "google_storage_bucket" "example" {
#       name     = "example"
#       location = "EU"
#
#       public_access_prevention = "enforced"
#     }
package metsuke.gcp.storage.public_access_prevention

deny contains {"message": "public grants are possible", "path": "public_access_prevention"} if {
	not input.params.constraint_in_force
	input.resource.attributes.public_access_prevention != "enforced"
	input.resource.attributes.public_access_prevention_constraint != true
}
