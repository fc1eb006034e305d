package metsuke.gcp.cost.vm_stopped_long_test

import data.metsuke.gcp.cost.vm_stopped_long

vm(attributes) := {
	"resource": {"attributes": object.union(
		{
			"status": "TERMINATED",
			"last_stop_timestamp": "2026-05-01T00:00:00Z",
			"last_suspended_timestamp": null,
			"disk": [{"source": "d", "type": "PERSISTENT", "boot": true}],
			"network_interface": [{"network": "n", "subnetwork": "s", "access_config": [], "ipv6_access_config": []}],
		},
		attributes,
	)},
	"params": {"max_days": 30},
	"now": "2026-07-01T00:00:00Z",
}

test_a_vm_stopped_long_ago_fails if {
	vm_stopped_long.deny == {{"message": "has been stopped for 61 days and keeps its disks", "path": "status", "defects": {"its disks"}}} with input as vm({})
}

test_a_reserved_address_is_named if {
	vm_stopped_long.deny == {{
		"message": "has been stopped for 61 days and keeps a reserved address and its disks",
		"path": "status",
		"defects": {"a reserved address", "its disks"},
	}} with input as vm({"network_interface": [{"access_config": [{"nat_ip": "203.0.113.7"}]}]})
}

test_a_vm_suspended_long_ago_fails if {
	vm_stopped_long.deny == {{"message": "has been stopped for 91 days and keeps its disks", "path": "status", "defects": {"its disks"}}} with input as vm({
		"status": "SUSPENDED",
		"last_suspended_timestamp": "2026-04-01T00:00:00Z",
		"last_stop_timestamp": null,
	})
}

test_a_vm_stopped_recently_passes if {
	vm_stopped_long.deny == set() with input as vm({"last_stop_timestamp": "2026-06-15T00:00:00Z"})
}

test_a_vm_that_was_started_again_passes if {
	vm_stopped_long.deny == set() with input as vm({"status": "RUNNING"})
}

test_a_vm_that_keeps_nothing_passes if {
	vm_stopped_long.deny == set() with input as vm({"disk": [{"source": null, "type": "SCRATCH", "boot": false}]})
}

test_a_planned_vm_passes if {
	vm_stopped_long.deny == set() with input as vm({"status": null, "last_stop_timestamp": null})
}
