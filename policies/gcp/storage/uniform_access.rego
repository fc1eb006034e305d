# METADATA
# title: Buckets use uniform bucket-level access
# description: >-
#   With uniform access, IAM alone decides who reads a bucket. Without it every object can carry
#   grants of its own, which nobody sees in the bucket's policy.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_storage_bucket
# custom:
#   severity: medium
#   category: security
#   plan: "yes"
#   types: [google_storage_bucket]
#   frameworks: {cis-gcp-3.0: ["5.2"], cis-gcp-4.0: ["5.2"], cis-gcp-5.0: ["5.2"]}
#   remediation: >-
#     Turn on uniform bucket-level access after moving the grants of objects to the bucket.
#   terraform: |
#     resource "google_storage_bucket" "example" {
#       name     = "example"
#       location = "EU"
#
#       uniform_bucket_level_access = true
#     }
package metsuke.gcp.storage.uniform_access

deny contains {"message": "objects can carry access lists of their own", "path": "uniform_bucket_level_access"} if {
	not input.resource.attributes.uniform_bucket_level_access
}
