# METADATA
# title: RDS instances receive connections
# description: >-
#   A database to which nothing has connected for two weeks is most likely left over from a project or
#   a migration, and costs as much as one that works. Judged by the most connections at any one time of
#   each whole day, as CloudWatch has them. An instance that did not report on every day of the window,
#   because it is new or was stopped, is not judged. Read replicas and members of clusters are.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_db_instance
# custom:
#   severity: high
#   category: cost
#   types: [aws_db_instance]
#   plan: "no"
#   params:
#     window_days: {type: number, default: 14, description: "Days without connections after which an instance counts as idle; at most 35."}
#     max_connections: {type: number, default: 0, description: "Connections that still count as none, such as those of monitoring."}
#     hourly_usd_per_large:
#       type: map
#       default: {db.t3: 0.145, db.t4g: 0.129, db.m5: 0.178, db.m6g: 0.159, db.m6i: 0.178, db.r5: 0.25, db.r6g: 0.225, db.r6i: 0.25}
#       description: "Price of a single-AZ instance of size large by class family, on demand in USD per hour (us-east-1, PostgreSQL). Other sizes follow from it; classes of other families are not priced."
#     sizes_of_large:
#       type: map
#       default: {micro: 0.125, small: 0.25, medium: 0.5, large: 1, xlarge: 2, 2xlarge: 4, 4xlarge: 8, 8xlarge: 16, 12xlarge: 24, 16xlarge: 32, 24xlarge: 48}
#       description: Price of each size, as a multiple of that of large.
#   remediation: >-
#     Ask the owner, take a final snapshot and delete the instance. In Terraform: remove the resource,
#     with skip_final_snapshot = false.
package metsuke.aws.rds.idle_instance

import data.metsuke.lib.time

applicable if {
	input.resource.attributes.status == "available"
	input.resource.created != null
	time.older_than_days(input.resource.created, input.params.window_days, input.now)
	count(window) >= input.params.window_days
}

# The whole days of the window; today is not over.
window := {point.start: point.value |
	some point in input.resource.attributes.database_connections_daily
	age := time.age_days(point.start, input.now)
	age >= 1
	age <= input.params.window_days
}

deny contains object.union({"message": message, "path": "database_connections_daily"}, cost) if {
	every _, connections in window {
		connections <= input.params.max_connections
	}
	message := sprintf("there were no connections in the last %d days", [input.params.window_days])
}

cost := {"monthly_cost_usd": round((((hourly * size) * instances) * 730) * 100) / 100} if {
	[family, name] := regex.split(`\.`, trim_prefix(input.resource.attributes.instance_class, "db."))
	hourly := input.params.hourly_usd_per_large[concat("", ["db.", family])]
	size := input.params.sizes_of_large[name]
} else := {}

instances := 2 if input.resource.attributes.multi_az == true

instances := 1 if input.resource.attributes.multi_az == false
