package metsuke.aws.ec2.stopped_instance_test

import data.metsuke.aws.ec2.stopped_instance

instance := {"instance_state": "stopped", "hibernated": false, "stopped_at": "2026-05-31T12:00:00Z"}

of(changes, keys) := {
	"now": "2026-07-01T12:00:00Z",
	"resource": {"attributes": object.union(instance, changes), "tag_keys": keys},
	"params": {"max_stopped_days": 30, "schedule_tag": "Schedule"},
}

test_fails_after_the_grace_period if {
	stopped_instance.applicable with input as of({}, ["Name"])
	stopped_instance.deny == {{"message": "stopped for 31 days", "path": "stopped_at"}} with input as of({}, ["Name"])
}

test_passes_within_the_grace_period if {
	stopped_instance.deny == set() with input as of({"stopped_at": "2026-06-01T12:00:01Z"}, [])
}

test_running_hibernated_and_scheduled_instances_are_not_judged if {
	not stopped_instance.applicable with input as of({"instance_state": "running"}, [])
	not stopped_instance.applicable with input as of({"hibernated": true}, [])
	not stopped_instance.applicable with input as of({}, ["Schedule"])
}
