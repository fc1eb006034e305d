# METADATA
# title: Service accounts hold no owner, editor or admin role
# description: >-
#   A service account with an administrator's role turns every flaw in the program that uses it
#   into control of the project. Each project, folder and organisation is judged by the bindings
#   set on itself; what is inherited is reported where it is granted.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_folder
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_folder, google_organization, google_project, google_project_iam_member]
#   frameworks: {cis-gcp-3.0: ["1.5"], cis-gcp-4.0: ["1.5"], cis-gcp-5.0: ["1.6"]}
#   params:
#     exempt_emails:
#       type: list
#       default: []
#       description: >-
#         Service accounts that may hold such roles.
#     exempt_roles:
#       type: list
#       default: []
#       description: >-
#         Roles that service accounts may hold.
#   remediation: >-
#     Replace the role by the predefined roles that the workload needs, granted on single
#     resources where possible.
#   terraform: |
#     resource "google_service_account" "example" {
#       account_id = "example"
#     }
#
#     resource "google_project_iam_member" "example" {
#       project = "example"
#       role    = "roles/storage.objectUser"
#       member  = google_service_account.example.member
#     }
package metsuke.gcp.iam.sa_no_admin_roles

import data.metsuke.lib.gcp_iam as iam

deny contains {
	"message": sprintf("%s holds %s", [member, binding.role]),
	"path": "iam_bindings",
	"key": sprintf("%s %s", [binding.role, member]),
} if {
	some binding in input.resource.attributes.iam_bindings
	some member in binding.members
	email := iam.email(member)
	iam.is_user_created(email)
	not email in input.params.exempt_emails
	is_admin(binding.role)
	not binding.role in input.params.exempt_roles
}

is_admin(role) if role in {"roles/owner", "roles/editor"}

is_admin(role) if contains(lower(role), "admin")
