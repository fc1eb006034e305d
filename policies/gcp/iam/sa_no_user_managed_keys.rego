# METADATA
# title: Service accounts carry no user-managed keys
# description: >-
#   A key file is a password that does not expire by itself, works from anywhere and ends up in
#   repositories and on laptops. Attached service accounts and workload identity federation need
#   none.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_service_account_key
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_service_account_key]
#   frameworks: {cis-gcp-3.0: ["1.4"], cis-gcp-4.0: ["1.4"], cis-gcp-5.0: ["1.5"]}
#   params:
#     exempt_emails:
#       type: list
#       default: []
#       description: >-
#         Service accounts that may have keys.
#   remediation: >-
#     Let workloads use an attached service account, and outside of Google Cloud workload identity
#     federation, here of GitHub Actions; then delete the key.
#   terraform: |
#     resource "google_iam_workload_identity_pool" "example" {
#       workload_identity_pool_id = "example"
#     }
#
#     resource "google_iam_workload_identity_pool_provider" "example" {
#       workload_identity_pool_id          = google_iam_workload_identity_pool.example.workload_identity_pool_id
#       workload_identity_pool_provider_id = "example"
#       attribute_condition                = "assertion.repository_owner_id == '123456789'"
#
#       attribute_mapping = {
#         "google.subject" = "assertion.sub"
#       }
#
#       oidc {
#         issuer_uri = "https://token.actions.githubusercontent.com"
#       }
#     }
#
#     resource "google_service_account_iam_member" "example" {
#       service_account_id = "projects/example/serviceAccounts/example@example.iam.gserviceaccount.com"
#       role               = "roles/iam.workloadIdentityUser"
#       member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.example.name}/subject/repo:example/example:ref:refs/heads/main"
#     }
package metsuke.gcp.iam.sa_no_user_managed_keys

deny contains {"message": "is a key that people keep and distribute", "path": "key_type"} if {
	input.resource.attributes.key_type == "USER_MANAGED"
	not input.resource.attributes.disabled
	not input.resource.attributes.service_account_email in input.params.exempt_emails
}
