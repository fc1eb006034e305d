# METADATA
# title: Cloud SQL instances have connections
# description: >-
#   Google's recommender has watched the instance for a month and seen hardly any use. Stopped,
#   it costs only its storage.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_sql_database_instance
# custom:
#   severity: medium
#   category: cost
#   plan: "no"
#   types: [google_sql_database_instance]
#   remediation: >-
#     Stop the instance (settings.activation_policy = "NEVER"), or export it and delete it.
package metsuke.gcp.cost.sql_idle

import data.metsuke.lib.gcp_advice as advice

deny contains object.union(
	{
		"message": sprintf("is idle: %s", [advice.text(input.resource.attributes.idle_recommendation)]),
		"path": "idle_recommendation",
	},
	advice.saving(input.resource.attributes.idle_recommendation),
) if {
	input.resource.attributes.idle_recommendation != null
}
