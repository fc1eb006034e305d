# METADATA
# title: Running VMs do useful work
# description: >-
#   Google's recommender has watched the VM for two weeks and seen hardly any use of processor
#   and network. It costs the same as a busy one.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_instance
# custom:
#   severity: medium
#   category: cost
#   plan: "no"
#   types: [google_compute_instance]
#   remediation: >-
#     Stop the VM, or take a snapshot of its disks and delete it. Dismiss the recommendation
#     where the VM has to wait for work.
package metsuke.gcp.cost.vm_idle

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
