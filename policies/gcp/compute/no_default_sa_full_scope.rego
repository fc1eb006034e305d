# METADATA
# title: No VM pairs the default service account with full API scope
# description: >-
#   The default service account with the cloud-platform scope carries all that the project's
#   editor role allows: whoever runs code on the VM can read and change the whole project.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_instance
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_compute_instance]
#   frameworks: {cis-gcp-3.0: ["4.2"], cis-gcp-4.0: ["4.2"], cis-gcp-5.0: ["4.2"]}
#   remediation: >-
#     Give the VM a service account of its own; or, where the default one has to stay, only the
#     scopes that it uses. A VM that runs has to be stopped for it, which Terraform does with
#     allow_stopping_for_update.
#   terraform: |
#     resource "google_service_account" "example" {
#       account_id = "example"
#     }
#
#     resource "google_compute_instance" "example" {
#       name         = "example"
#       machine_type = "e2-small"
#       zone         = "europe-west3-a"
#
#       boot_disk {
#         initialize_params {
#           image = "debian-cloud/debian-12"
#         }
#       }
#
#       network_interface {
#         subnetwork = "example"
#       }
#
#       service_account {
#         email  = google_service_account.example.email
#         scopes = ["logging-write", "monitoring-write"]
#       }
#     }
package metsuke.gcp.compute.no_default_sa_full_scope

import data.metsuke.lib.gcp_compute as compute

deny contains {"message": "gives the Compute Engine default service account full access to every API", "path": "service_account.scopes"} if {
	account := input.resource.attributes.service_account
	account != null
	compute.is_default_account(account.email)
	"https://www.googleapis.com/auth/cloud-platform" in account.scopes
}
