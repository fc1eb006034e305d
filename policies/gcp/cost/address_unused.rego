# METADATA
# title: Reserved external addresses are in use
# description: >-
#   A reserved external address is paid for whether it is used or not, and costs more while it
#   is not. An address that only a stopped VM holds is not used.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_address
# custom:
#   severity: medium
#   category: cost
#   plan: "no"
#   types: [google_compute_address]
#   uses:
#     google_compute_instance: [status]
#   params:
#     grace_days:
#       type: number
#       default: 3
#       description: >-
#         Days that an address may be reserved before it is used.
#     usd_per_month:
#       type: number
#       default: 7.3
#       description: >-
#         What an unused address costs in a month in US dollars, at the list price of 0.01 an
#         hour.
#   remediation: >-
#     Release the address, or attach it to what it was reserved for.
package metsuke.gcp.cost.address_unused

import data.metsuke.lib.time

deny contains {"message": message, "path": "users", "monthly_cost_usd": input.params.usd_per_month} if {
	input.resource.attributes.address_type == "EXTERNAL"
	input.resource.attributes.creation_timestamp != null
	time.older_than_days(input.resource.attributes.creation_timestamp, input.params.grace_days, input.now)
	message := unused
}

unused := "is reserved and nothing uses it" if {
	input.resource.attributes.status == "RESERVED"
	count(input.resource.attributes.users) == 0
}

unused := "is held by stopped VMs alone" if {
	count(input.resource.attributes.users) > 0
	every user in input.resource.attributes.users {
		input.related.google_compute_instance[user].attributes.status in {"TERMINATED", "STOPPED", "SUSPENDED"}
	}
}
