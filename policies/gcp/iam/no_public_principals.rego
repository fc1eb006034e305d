# METADATA
# title: Projects, folders and the organisation grant nothing to the public
# description: >-
#   A role granted to allUsers or allAuthenticatedUsers on a project is granted to the whole
#   world, for every resource in it. In an account, bindings of projects themselves are judged
#   and not those inherited from above; in a plan, grants on folders and organisations too.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_project
# custom:
#   severity: critical
#   category: security
#   plan: "yes"
#   types: [google_project, google_project_iam_member]
#   remediation: >-
#     Remove the member from the project's IAM policy.
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
