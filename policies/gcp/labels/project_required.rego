# METADATA
# title: Every project carries the ownership and cost labels
# description: >-
#   A project is what the bill and the responsibility hang on. Labels on it say who owns it and
#   who pays, also for resources that cannot carry labels. Projects that Apps Script makes by
#   itself are left out.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_project
# custom:
#   severity: high
#   category: tagging
#   plan: "yes"
#   types: [google_project]
#   params:
#     required:
#       type: list
#       default: [owner, env, cost_center]
#       description: >-
#         Keys of the labels that every project has to carry.
#   remediation: >-
#     Set the labels on the project.
#   terraform: |
#     resource "google_project" "example" {
#       name       = "example"
#       project_id = "example"
#       org_id     = "123456789012"
#
#       labels = {
#         owner       = "team-payments"
#         env         = "prod"
#         cost_center = "4711"
#       }
#     }
package metsuke.gcp.labels.project_required

applicable if {
	input.resource.attributes.lifecycle_state == "ACTIVE"
	not startswith(input.resource.attributes.project_id, "sys-")
}

deny contains {"message": sprintf("has no label %s", [key]), "path": "tags", "key": key} if {
	some key in input.params.required
	not key in input.resource.tag_keys
}
