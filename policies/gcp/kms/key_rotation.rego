# METADATA
# title: Symmetric KMS keys get a new version every 90 days or sooner
# description: >-
#   Rotation limits how much data one version of a key protects, and proves regularly that the
#   key can be replaced. Keys whose material comes from outside cannot rotate by themselves and
#   are left out.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_kms_crypto_key
# custom:
#   severity: medium
#   category: security
#   plan: "yes"
#   types: [google_kms_crypto_key]
#   frameworks: {cis-gcp-3.0: ["1.10"], cis-gcp-4.0: ["1.10"], cis-gcp-5.0: ["1.11"]}
#   params:
#     max_days:
#       type: number
#       default: 90
#       description: >-
#         Days between two rotations.
#   remediation: >-
#     Set rotation_period to 90 days or less, in seconds.
#   terraform: |
#     resource "google_kms_key_ring" "example" {
#       name     = "example"
#       location = "europe-west3"
#     }
#
#     resource "google_kms_crypto_key" "example" {
#       name            = "example"
#       key_ring        = google_kms_key_ring.example.id
#       rotation_period = "7776000s" # 90 days
#     }
package metsuke.gcp.kms.key_rotation

import data.metsuke.lib.time

applicable if {
	input.resource.attributes.purpose == "ENCRYPT_DECRYPT"
	input.resource.attributes.primary.state == "ENABLED"
	not input.resource.attributes.import_only
	not external
}

external if input.resource.attributes.version_template.protection_level in {"EXTERNAL", "EXTERNAL_VPC"}

deny contains {"message": "is never rotated", "path": "rotation_period"} if {
	input.resource.attributes.rotation_period == null
}

deny contains {"message": message, "path": "rotation_period"} if {
	input.resource.attributes.rotation_period != null
	days := to_number(trim_suffix(input.resource.attributes.rotation_period, "s")) / 86400
	days > input.params.max_days
	message := sprintf("is rotated every %v days only", [round(days)])
}

deny contains {"message": message, "path": "next_rotation_time", "key": "next_rotation_time"} if {
	input.resource.attributes.rotation_period != null
	input.resource.attributes.next_rotation_time != null
	not time.within_days(input.resource.attributes.next_rotation_time, input.params.max_days, input.now)
	message := sprintf("is next rotated in %d days", [time.days_until(input.resource.attributes.next_rotation_time, input.now)])
}
