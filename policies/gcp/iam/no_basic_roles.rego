# METADATA
# title: Owner and editor basic roles are not handed out
# description: >-
#   Owner and editor carry thousands of permissions over every service, most of which nobody
#   needs. Predefined roles name what is meant. Each project, folder and organisation is judged
#   by the bindings set on itself; what is inherited is reported where it is granted.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_folder
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_folder, google_organization, google_project, google_project_iam_member]
#   params:
#     roles:
#       type: list
#       default: [roles/owner, roles/editor]
#       description: >-
#         Roles that nobody should hold.
#     include_viewer:
#       type: boolean
#       default: false
#       description: >-
#         Whether roles/viewer is a finding as well.
#     break_glass:
#       type: list
#       default: []
#       description: >-
#         Members for emergencies, in IAM notation, that may hold such a role.
#   remediation: >-
#     Replace the role by predefined ones; keep owner for break-glass identities and name these
#     in break_glass.
#   terraform: |
#     resource "google_project_iam_member" "example" {
#       project = "example"
#       role    = "roles/run.developer"
#       member  = "group:developers@example.com"
#     }
package metsuke.gcp.iam.no_basic_roles

import data.metsuke.lib.gcp_iam as iam

deny contains {
	"message": sprintf("%s holds %s", [member, binding.role]),
	"path": "iam_bindings",
	"key": sprintf("%s %s", [binding.role, member]),
} if {
	some binding in input.resource.attributes.iam_bindings
	some member in binding.members
	binding.role in roles
	regex.match(`^(user|group|serviceAccount):`, member)
	not agent(member)
	not member in input.params.break_glass
}

roles := {role | some role in input.params.roles} | {"roles/viewer" | input.params.include_viewer}

agent(member) if iam.is_agent(iam.email(member))
