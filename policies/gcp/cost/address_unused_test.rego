package metsuke.gcp.cost.address_unused_test

import data.metsuke.gcp.cost.address_unused

vm := "//compute.googleapis.com/projects/p/zones/z/instances/i"

address(attributes, vm_status) := {
	"resource": {"attributes": object.union(
		{
			"address_type": "EXTERNAL",
			"status": "RESERVED",
			"users": [],
			"creation_timestamp": "2026-01-01T00:00:00Z",
		},
		attributes,
	)},
	"related": {"google_compute_instance": {vm: {"attributes": {"status": vm_status}}}},
	"params": {"grace_days": 3, "usd_per_month": 7.3},
	"now": "2026-07-01T00:00:00Z",
}

found(message) := {{"message": message, "path": "users", "monthly_cost_usd": 7.3}}

test_an_unused_address_fails if {
	address_unused.deny == found("is reserved and nothing uses it") with input as address({}, "RUNNING")
}

test_an_address_of_a_stopped_vm_fails if {
	address_unused.deny == found("is held by stopped VMs alone") with input as address({"status": "IN_USE", "users": [vm]}, "TERMINATED")
}

test_an_address_of_a_running_vm_passes if {
	address_unused.deny == set() with input as address({"status": "IN_USE", "users": [vm]}, "RUNNING")
}

test_an_address_of_something_else_passes if {
	address_unused.deny == set() with input as address({"status": "IN_USE", "users": ["//compute.googleapis.com/projects/p/global/forwardingRules/f"]}, "TERMINATED")
}

test_a_new_address_passes if {
	address_unused.deny == set() with input as address({"creation_timestamp": "2026-06-29T00:00:00Z"}, "RUNNING")
}

test_internal_and_planned_addresses_pass if {
	address_unused.deny == set() with input as address({"address_type": "INTERNAL"}, "RUNNING")
	address_unused.deny == set() with input as address({"creation_timestamp": null, "status": null}, "RUNNING")
}
