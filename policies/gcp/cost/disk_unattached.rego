# METADATA
# title: Persistent disks are attached to something
# description: >-
#   A disk costs the same whether a VM uses it or not. Most that are left over belong to VMs
#   that were deleted.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_disk
# custom:
#   severity: medium
#   category: cost
#   plan: "no"
#   types: [google_compute_disk]
#   params:
#     grace_days:
#       type: number
#       default: 7
#       description: >-
#         Days that a disk may be attached to nothing.
#     usd_per_gb:
#       type: map
#       default: {pd-standard: 0.04, pd-balanced: 0.1, pd-ssd: 0.17, pd-extreme: 0.125}
#       description: >-
#         List price of a GB and month in us-central1 in US dollars, by disk type. Types that
#         are not named have no estimate.
#   remediation: >-
#     Take a snapshot of the disk, which is cheaper, and delete the disk.
package metsuke.gcp.cost.disk_unattached

import data.metsuke.lib.time

deny contains object.union({"message": message, "path": "users"}, cost) if {
	count(input.resource.attributes.users) == 0
	input.resource.attributes.creation_timestamp != null
	time.older_than_days(input.resource.attributes.creation_timestamp, input.params.grace_days, input.now)
	not detached_recently
	message := sprintf("is attached to nothing (%v GB, %s)", [input.resource.attributes.size, input.resource.attributes.type])
}

detached_recently if {
	input.resource.attributes.last_detach_timestamp != null
	not time.older_than_days(input.resource.attributes.last_detach_timestamp, input.params.grace_days, input.now)
}

cost := {"monthly_cost_usd": input.resource.attributes.size * input.params.usd_per_gb[input.resource.attributes.type]} if priced

cost := {} if not priced

priced if input.params.usd_per_gb[input.resource.attributes.type]
