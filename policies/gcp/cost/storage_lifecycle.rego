# METADATA
# title: Buckets age objects out with lifecycle rules or Autoclass
# description: >-
#   Objects stay for ever and in the dearest class unless something moves or deletes them.
#   Lifecycle rules do that by age, Autoclass by use.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_storage_bucket
# custom:
#   severity: medium
#   category: cost
#   plan: "yes"
#   types: [google_storage_bucket]
#   params:
#     exempt_labels:
#       type: map
#       default: {retain: forever}
#       description: >-
#         Labels, any of which exempts a bucket.
#   remediation: >-
#     Add a lifecycle_rule that deletes or moves old objects, or turn on Autoclass.
#   terraform: |
#     resource "google_storage_bucket" "example" {
#       name     = "example"
#       location = "EU"
#
#       lifecycle_rule {
#         condition {
#           age = 90
#         }
#
#         action {
#           type          = "SetStorageClass"
#           storage_class = "COLDLINE"
#         }
#       }
#     }
package metsuke.gcp.cost.storage_lifecycle

applicable if not exempt

exempt if {
	some key, value in input.params.exempt_labels
	input.resource.tags[key] == value
}

deny contains {"message": "has neither lifecycle rules nor Autoclass", "path": "lifecycle_rule"} if {
	count(input.resource.attributes.lifecycle_rule) == 0
	not input.resource.attributes.autoclass.enabled
}
