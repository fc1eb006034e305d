package metsuke.aws.ec2.instance_idle_test

import data.metsuke.aws.ec2.instance_idle

days(values) := [{"start": sprintf("2026-06-%02dT00:00:00Z", [30 - i]), "value": value} | some i, value in values]

instance := {
	"instance_state": "running",
	"launch_time": "2026-01-01T00:00:00Z",
	"instance_type": "m7i.large",
	"cpu_utilization": days([4.94, 1, 2]),
	"network_in": days([2000000, 0, 0]),
	"network_out": days([2500000, 0, 0]),
}

of(changes) := {
	"now": "2026-07-01T06:00:00Z",
	"resource": {"attributes": object.union(instance, changes)},
	"params": {"window_days": 3, "max_cpu_percent": 5, "max_network_mb_per_day": 5, "accelerated_families": ["g", "gr", "p"]},
}

idle := {{"message": "CPU stayed at or below 4.9 % and traffic at or below 4.5 MB a day for 3 days", "path": "cpu_utilization"}}

test_fails_without_work if {
	instance_idle.applicable with input as of({})
	instance_idle.deny == idle with input as of({})
}

test_older_days_and_today_do_not_count if {
	cpu := array.concat(days([4.94, 1, 2, 90]), [{"start": "2026-07-01T00:00:00Z", "value": 95}])
	instance_idle.applicable with input as of({"cpu_utilization": cpu})
	instance_idle.deny == idle with input as of({"cpu_utilization": cpu})
}

test_passes_with_work_on_one_day if {
	every changes in [
		{"cpu_utilization": days([1, 5, 1])},
		{"network_in": days([2500000, 0, 0])},
		{"network_out": days([0, 0, 5000000])},
	] {
		instance_idle.applicable with input as of(changes)
		instance_idle.deny == set() with input as of(changes)
	}
}

test_silence_is_no_proof_of_idleness if {
	every changes in [
		{"instance_state": "stopped"},
		{"launch_time": null},
		{"launch_time": "2026-06-28T00:00:01Z"},
		{"cpu_utilization": days([1, 1])},
		{"network_in": days([0, 0])},
		{"network_out": []},
	] {
		not instance_idle.applicable with input as of(changes)
	}
	instance_idle.applicable with input as of({"launch_time": "2026-06-28T00:00:00Z"})
}

test_only_whole_family_names_are_accelerated if {
	not instance_idle.applicable with input as of({"instance_type": "g5.xlarge"})
	not instance_idle.applicable with input as of({"instance_type": "gr6.4xlarge"})
	instance_idle.applicable with input as of({"instance_type": "gx1.large"})
}
