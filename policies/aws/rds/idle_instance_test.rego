package metsuke.aws.rds.idle_instance_test

import data.metsuke.aws.rds.idle_instance

days(values) := [{"start": sprintf("2026-06-%02dT00:00:00Z", [30 - i]), "value": value} | some i, value in values]

of(values, class, multi) := {
	"now": "2026-07-01T06:00:00Z",
	"resource": {
		"created": "2024-01-01T00:00:00Z",
		"attributes": {
			"status": "available",
			"database_connections_daily": days(values),
			"instance_class": class,
			"multi_az": multi,
		},
	},
	"params": {
		"window_days": 3,
		"max_connections": 0,
		"hourly_usd_per_large": {"db.m5": 0.178},
		"sizes_of_large": {"xlarge": 2},
	},
}

idle := {"message": "there were no connections in the last 3 days", "path": "database_connections_daily"}

test_fails_without_connections if {
	idle_instance.applicable with input as of([0, 0, 0, 5], "db.m5.xlarge", false)
	idle_instance.deny == {object.union(idle, {"monthly_cost_usd": 259.88})} with input as of([0, 0, 0, 5], "db.m5.xlarge", false)
	idle_instance.deny == {object.union(idle, {"monthly_cost_usd": 519.76})} with input as of([0, 0, 0], "db.m5.xlarge", true)
	idle_instance.deny == {idle} with input as of([0, 0, 0], "db.serverless", false)
}

test_passes_with_a_connection if idle_instance.deny == set() with input as of([0, 1, 0], "db.m5.xlarge", false)

test_does_not_apply_without_reports_for_the_whole_window if {
	not idle_instance.applicable with input as of([0, 0], "db.m5.xlarge", false)
}
