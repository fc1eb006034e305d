package metsuke.gcp.cost.disk_unattached_test

import data.metsuke.gcp.cost.disk_unattached

disk(attributes) := {
	"resource": {"attributes": object.union(
		{
			"users": [],
			"size": 500,
			"type": "pd-ssd",
			"creation_timestamp": "2026-01-01T00:00:00Z",
			"last_detach_timestamp": "2026-03-01T00:00:00Z",
		},
		attributes,
	)},
	"params": {"grace_days": 7, "usd_per_gb": {"pd-ssd": 0.17}},
	"now": "2026-07-01T00:00:00Z",
}

test_a_disk_without_users_fails if {
	disk_unattached.deny == {{
		"message": "is attached to nothing (500 GB, pd-ssd)",
		"path": "users",
		"monthly_cost_usd": 85,
	}} with input as disk({})
}

test_a_disk_that_was_never_attached_fails_without_a_price if {
	disk_unattached.deny == {{
		"message": "is attached to nothing (500 GB, hyperdisk-ml)",
		"path": "users",
	}} with input as disk({"last_detach_timestamp": null, "type": "hyperdisk-ml"})
}

test_an_attached_disk_passes if {
	disk_unattached.deny == set() with input as disk({"users": ["//compute.googleapis.com/projects/p/zones/z/instances/i"]})
}

test_a_disk_detached_recently_passes if {
	disk_unattached.deny == set() with input as disk({"last_detach_timestamp": "2026-06-28T00:00:00Z"})
}

test_a_new_disk_passes if {
	disk_unattached.deny == set() with input as disk({"creation_timestamp": "2026-06-28T00:00:00Z", "last_detach_timestamp": null})
}

test_a_planned_disk_passes if {
	disk_unattached.deny == set() with input as disk({"creation_timestamp": null, "last_detach_timestamp": null})
}
