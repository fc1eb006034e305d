# METADATA
# title: VMs run as a dedicated service account, not the Compute default
# description: >-
#   Every VM that runs as the Compute Engine default service account shares one identity, which
#   often holds the editor role on the project: who takes over one of them has them all.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_instance
# custom:
#   severity: medium
#   category: security
#   plan: "yes"
#   types: [google_compute_instance]
#   frameworks: {cis-gcp-3.0: ["4.1"], cis-gcp-4.0: ["4.1"], cis-gcp-5.0: ["4.1"]}
#   remediation: >-
#     Create a service account for the workload, grant it the roles that it needs, and give it
#     to the VM. A VM that runs has to be stopped for it, which Terraform does with
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
#         scopes = ["cloud-platform"]
#       }
#     }
package metsuke.gcp.compute.no_default_sa

import data.metsuke.lib.gcp_compute as compute

# Nodes of Kubernetes clusters get their service account from the node pool.
applicable if not "goog-gke-node" in input.resource.tag_keys

deny contains {"message": "runs as the Compute Engine default service account", "path": "service_account.email"} if {
	account := input.resource.attributes.service_account
	account != null
	compute.is_default_account(account.email)
}
