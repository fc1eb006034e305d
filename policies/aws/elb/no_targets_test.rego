package metsuke.aws.elb.no_targets_test

import data.metsuke.aws.elb.no_targets

groups(counts) := [{"name": sprintf("group-%d", [i]), "targets": n} | some i, n in counts]

of(created, type, listeners, counts) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"created": created, "attributes": {"load_balancer_type": type, "listeners": listeners, "target_groups": groups(counts)}},
	"params": {"min_age_days": 7, "hour_usd": {"application": 0.0225, "gateway": 0.0125}},
}

old := "2026-01-01T00:00:00Z"

https := [{"port": 443, "protocol": "HTTPS"}]

test_fails_without_a_listener if {
	finding := {"message": "the load balancer has no listener", "path": "listeners"}
	no_targets.applicable with input as of(old, "application", [], [])
	no_targets.deny == {object.union(finding, {"monthly_cost_usd": 16.43})} with input as of(old, "application", [], [])
	no_targets.deny == {object.union(finding, {"monthly_cost_usd": 9.13})} with input as of(old, "gateway", [], [0])
	no_targets.deny == {object.union(finding, {"monthly_cost_usd": 0})} with input as of(old, "network", [], [])
}

test_fails_where_every_group_is_empty if {
	no_targets.deny == {{
		"message": "no target is registered in group-0, group-1",
		"monthly_cost_usd": 16.43,
		"path": "target_groups",
	}} with input as of(old, "application", https, [0, 0])
}

test_passes_with_a_target if no_targets.deny == set() with input as of(old, "application", https, [0, 1])

test_passes_where_it_answers_by_itself if no_targets.deny == set() with input as of(old, "application", https, [])

test_new_ones_are_not_judged if {
	not no_targets.applicable with input as of("2026-06-25T00:00:00Z", "application", [], [])
	not no_targets.applicable with input as of(null, "application", [], [])
}
