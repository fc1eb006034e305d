# METADATA
# title: Stopped VMs are removed instead of parking paid disks and addresses
# description: >-
#   A stopped VM costs no machine time, but its disks and its reserved addresses are paid for as
#   before.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_instance
# custom:
#   severity: medium
#   category: cost
#   plan: "no"
#   types: [google_compute_instance]
#   params:
#     max_days:
#       type: number
#       default: 30
#       description: >-
#         Days that a VM may be stopped.
#   remediation: >-
#     Take a snapshot or an image of the disks, then delete the VM with its disks and release
#     its addresses.
package metsuke.gcp.cost.vm_stopped_long

import data.metsuke.lib.time

deny contains {"message": message, "path": "status", "defects": kept} if {
	since := stopped
	since != null
	time.older_than_days(since, input.params.max_days, input.now)
	count(kept) > 0
	message := sprintf("has been stopped for %d days and keeps %s", [time.age_days(since, input.now), concat(" and ", kept)])
}

stopped := input.resource.attributes.last_stop_timestamp if {
	input.resource.attributes.status in {"TERMINATED", "STOPPED"}
}

stopped := input.resource.attributes.last_suspended_timestamp if {
	input.resource.attributes.status == "SUSPENDED"
}

kept contains "its disks" if {
	some disk in input.resource.attributes.disk
	disk.type == "PERSISTENT"
}

# An address that is not reserved is taken away when a VM stops.
kept contains "a reserved address" if {
	input.resource.attributes.status in {"TERMINATED", "STOPPED"}
	some nic in input.resource.attributes.network_interface
	some config in nic.access_config
	config.nat_ip != null
}
