# METADATA
# title: No bucket is readable or writable by the public
# description: >-
#   A grant to allUsers opens the bucket to anybody, one to allAuthenticatedUsers to anybody
#   with a Google account. Grants of the bucket's ACL count too; grants on single objects are
#   not read. Public access prevention, on the bucket or by organisation policy, makes such
#   grants void.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_storage_bucket
# custom:
#   severity: critical
#   category: security
#   plan: "yes"
#   types: [google_storage_bucket]
#   frameworks: {cis-gcp-3.0: ["5.1"], cis-gcp-4.0: ["5.1"], cis-gcp-5.0: ["5.1"]}
#   params:
#     allow_public_label:
#       type: map
#       default: {public: "true"}
#       description: >-
#         Labels, any of which marks a bucket that is meant to be public.
#   remediation: >-
#     Remove the grant, or enforce public access prevention. Where publishing is the purpose,
#     label the bucket so; the finding is then of low severity.
#   terraform: |
#     resource "google_storage_bucket" "example" {
#       name     = "example"
#       location = "EU"
#
#       public_access_prevention = "enforced"
#     }
#
#     resource "google_storage_bucket_iam_member" "example" {
#       bucket = google_storage_bucket.example.name
#       role   = "roles/storage.objectViewer"
#       member = "group:readers@example.com"
#     }
package metsuke.gcp.storage.no_public_access

import data.metsuke.lib.gcp_iam as iam

deny contains {
	"message": sprintf("%s has %s", [member, binding.role]),
	"path": "iam_bindings",
	"key": sprintf("%s %s", [binding.role, member]),
	"severity": severity,
} if {
	input.resource.attributes.public_access_prevention != "enforced"
	input.resource.attributes.public_access_prevention_constraint != true
	some binding in input.resource.attributes.iam_bindings
	some member in binding.members
	iam.is_public(member)
}

default severity := "critical"

severity := "low" if {
	some key, value in input.params.allow_public_label
	input.resource.tags[key] == value
}
