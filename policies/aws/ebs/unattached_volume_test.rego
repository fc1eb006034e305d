package metsuke.aws.ebs.unattached_volume_test

import data.metsuke.aws.ebs.unattached_volume

volume := {"state": "available", "size": 100, "type": "gp3", "iops": 3000, "throughput": 125, "detached_at": null}

of(created, changes) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"created": created, "tag_keys": [], "attributes": object.union(volume, changes)},
	"params": {
		"min_age_days": 14, "keep_tag": "DoNotDelete", "gib_usd": {"gp3": 0.08, "io2": 0.125, "st1": 0.045},
		"iops_usd": 0.065, "gp3_iops_usd": 0.005, "gp3_mibps_usd": 0.04,
	},
}

finding(type, since, cost) := {{
	"message": sprintf("%s volume of 100 GiB is attached to nothing; %s", [type, since]),
	"monthly_cost_usd": cost,
	"path": "state",
}}

test_what_it_costs_depends_on_the_type if {
	every row in [
		[{}, "gp3", 8],
		[{"iops": 4000, "throughput": 225}, "gp3", 17],
		[{"type": "io2", "iops": 1000, "throughput": null}, "io2", 77.5],
		[{"type": "st1", "iops": null, "throughput": null}, "st1", 4.5],
		[{"type": "new", "iops": 100, "throughput": null}, "new", 0],
	] {
		unattached_volume.deny == finding(row[1], "created 30 days ago", row[2]) with input as of("2026-06-01T00:00:00Z", row[0])
	}
}

test_the_time_since_it_was_detached_counts if {
	changes := {"detached_at": "2026-06-10T00:00:00Z"}
	unattached_volume.deny == finding("gp3", "detached 21 days ago", 8) with input as of("2024-01-01T00:00:00Z", changes)
	unattached_volume.deny == set() with input as of("2024-01-01T00:00:00Z", {"detached_at": "2026-06-25T00:00:00Z"})
}

test_passes_when_it_is_young_or_attached if {
	unattached_volume.deny == set() with input as of("2026-06-20T00:00:00Z", {})
	unattached_volume.deny == set() with input as of("2024-01-01T00:00:00Z", {"state": "in-use"})
}

test_what_is_kept_on_purpose_is_not_judged if {
	unattached_volume.applicable with input as of("2024-01-01T00:00:00Z", {})
	kept := object.union(of("2024-01-01T00:00:00Z", {}), {"resource": {"tag_keys": ["DoNotDelete"]}})
	not unattached_volume.applicable with input as kept
	not unattached_volume.applicable with input as of(null, {})
}
