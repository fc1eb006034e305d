# METADATA
# title: KMS keys and key rings grant nothing to the public
# description: >-
#   A grant to allUsers or allAuthenticatedUsers lets anybody use the key, and with it read what
#   it protects. Grants on the key ring hold for every key in it.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_kms_crypto_key
# custom:
#   severity: critical
#   category: security
#   plan: "yes"
#   types: [google_kms_crypto_key]
#   frameworks: {cis-gcp-3.0: ["1.9"], cis-gcp-4.0: ["1.9"], cis-gcp-5.0: ["1.10"]}
#   remediation: >-
#     Remove the member from the IAM policy of the key or of its key ring, and grant the role to
#     those who need the key.
#   terraform: |
#     resource "google_kms_key_ring" "example" {
#       name     = "example"
#       location = "europe-west3"
#     }
#
#     resource "google_kms_crypto_key" "example" {
#       name            = "example"
#       key_ring        = google_kms_key_ring.example.id
#       rotation_period = "7776000s"
#     }
#
#     resource "google_kms_crypto_key_iam_member" "example" {
#       crypto_key_id = google_kms_crypto_key.example.id
#       role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
#       member        = "group:payments@example.com"
#     }
package metsuke.gcp.kms.key_not_public

import data.metsuke.lib.gcp_iam as iam

deny contains found("the key", "iam_bindings", binding.role, member) if {
	some binding in input.resource.attributes.iam_bindings
	some member in binding.members
	iam.is_public(member)
}

deny contains found("the key ring", "key_ring_iam_bindings", binding.role, member) if {
	some binding in input.resource.attributes.key_ring_iam_bindings
	some member in binding.members
	iam.is_public(member)
}

found(where, path, role, member) := {
	"message": sprintf("%s has %s on %s", [member, role, where]),
	"path": path,
	"key": sprintf("%s %s %s", [path, role, member]),
}
