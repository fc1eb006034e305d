# METADATA
# title: Impersonation roles are granted per service account, never project-wide
# description: >-
#   Granted on a project or above, these roles let their holder act as every service account
#   below, present and future, the most powerful one included. Each project, folder and
#   organisation is judged by the bindings set on itself; what is inherited is reported where it
#   is granted.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_folder
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_folder, google_organization, google_project, google_project_iam_member]
#   frameworks: {cis-gcp-3.0: ["1.6"], cis-gcp-4.0: ["1.6"], cis-gcp-5.0: ["1.7"]}
#   remediation: >-
#     Grant the role on the one service account that is needed.
#   terraform: |
#     resource "google_service_account" "example" {
#       account_id = "example"
#     }
#
#     resource "google_service_account_iam_member" "example" {
#       service_account_id = google_service_account.example.name
#       role               = "roles/iam.serviceAccountUser"
#       member             = "group:deployers@example.com"
#     }
package metsuke.gcp.iam.no_broad_impersonation

deny contains {
	"message": sprintf("%s holds %s for every service account", [member, binding.role]),
	"path": "iam_bindings",
	"key": sprintf("%s %s", [binding.role, member]),
} if {
	some binding in input.resource.attributes.iam_bindings
	some member in binding.members
	binding.role in {"roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator", "roles/iam.workloadIdentityUser"}
}
