# METADATA
# title: Default Compute and App Engine service accounts lost their editor role
# description: >-
#   Google once granted the editor role to the default service accounts of Compute Engine and
#   App Engine. Every VM and app that uses them can then change the whole project. Each project,
#   folder and organisation is judged by the bindings set on itself; what is inherited is
#   reported where it is granted.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_folder
# custom:
#   severity: high
#   category: security
#   plan: partial
#   types: [google_folder, google_organization, google_project, google_project_iam_member]
#   params:
#     broad_roles:
#       type: list
#       default: [roles/editor, roles/owner]
#       description: >-
#         Roles that the default service accounts must not hold.
#   remediation: >-
#     Remove the binding after moving workloads to service accounts of their own, and enforce
#     iam.automaticIamGrantsForDefaultServiceAccounts.
#   terraform: |
#     resource "google_service_account" "example" {
#       account_id = "example"
#     }
#
#     resource "google_project_iam_member" "example" {
#       project = "example"
#       role    = "roles/logging.logWriter"
#       member  = google_service_account.example.member
#     }
#
#     resource "google_org_policy_policy" "example" {
#       name   = "organizations/123456789012/policies/iam.automaticIamGrantsForDefaultServiceAccounts"
#       parent = "organizations/123456789012"
#
#       spec {
#         rules {
#           enforce = "TRUE"
#         }
#       }
#     }
package metsuke.gcp.iam.default_sa_no_broad_role

import data.metsuke.lib.gcp_iam as iam

deny contains {
	"message": sprintf("%s holds %s", [member, binding.role]),
	"path": "iam_bindings",
	"key": sprintf("%s %s", [binding.role, member]),
} if {
	some binding in input.resource.attributes.iam_bindings
	some member in binding.members
	iam.is_default_account(iam.email(member))
	binding.role in input.params.broad_roles
}
