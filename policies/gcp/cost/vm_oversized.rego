# METADATA
# title: VMs are sized to their observed load
# description: >-
#   Google's recommender has compared what the VM uses with what it is given, and a smaller
#   machine type would do.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_instance
# custom:
#   severity: medium
#   category: cost
#   plan: "no"
#   types: [google_compute_instance]
#   params:
#     min_saving:
#       type: number
#       default: 10
#       description: >-
#         Smallest saving in a month that is worth a finding, in the currency of the
#         recommendation.
#   remediation: >-
#     Change machine_type to the one that the recommendation names; the VM has to be stopped for
#     it.
package metsuke.gcp.cost.vm_oversized

import data.metsuke.lib.gcp_advice as advice

deny contains object.union(
	{
		"message": sprintf("is larger than its load: %s", [advice.text(input.resource.attributes.machine_type_recommendation)]),
		"path": "machine_type_recommendation",
	},
	advice.saving(input.resource.attributes.machine_type_recommendation),
) if {
	input.resource.attributes.machine_type_recommendation.monthly_saving != null
	input.resource.attributes.machine_type_recommendation.monthly_saving >= input.params.min_saving
}
