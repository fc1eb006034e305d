# METADATA
# title: Projects, folders and the organisation grant nothing to the public
# description: >-
#   A role granted to allUsers or allAuthenticatedUsers on a project, a folder or the
#   organisation is granted to the whole world, for every resource below. Each project, folder
#   and organisation is judged by the bindings set on itself; what is inherited is reported
#   where it is granted.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_folder
# custom:
#   severity: critical
#   category: security
#   plan: "yes"
#   types: [google_folder, google_organization, google_project, google_project_iam_member]
#   remediation: >-
#     Remove the member from the IAM policy, and grant the role to those who need it.
#   terraform: |
#     resource "google_project_iam_member" "example" {
#       project = "example"
#       role    = "roles/run.viewer"
#       member  = "group:support@example.com"
#     }
package metsuke.gcp.iam.no_public_principals

import data.metsuke.lib.gcp_iam as iam

deny contains {
	"message": sprintf("%s holds %s", [member, binding.role]),
	"path": "iam_bindings",
	"key": sprintf("%s %s", [binding.role, member]),
} if {
	some binding in input.resource.attributes.iam_bindings
	some member in binding.members
	iam.is_public(member)
}
