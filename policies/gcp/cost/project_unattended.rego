# METADATA
# title: Projects without activity are shut down
# description: >-
#   Google's recommender has seen no activity in the project for a month. Forgotten projects
#   cost money and keep old software and old keys alive.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_project
# custom:
#   severity: medium
#   category: cost
#   plan: "no"
#   types: [google_project]
#   remediation: >-
#     Ask the owner; then shut the project down, or give it a new owner. A project that was shut
#     down can be restored for 30 days.
package metsuke.gcp.cost.project_unattended

import data.metsuke.lib.gcp_advice as advice

deny contains object.union(
	{
		"message": sprintf("looks abandoned: %s", [advice.text(input.resource.attributes.utilization_recommendation)]),
		"path": "utilization_recommendation",
	},
	advice.saving(input.resource.attributes.utilization_recommendation),
) if {
	input.resource.attributes.billing_enabled
	input.resource.attributes.utilization_recommendation.subtype in {"CLEANUP_PROJECT", "RECLAIM_PROJECT"}
}
