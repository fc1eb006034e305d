# METADATA
# title: RDS and Aurora databases run a version in standard support
# description: >-
#   When standard support for a major version of MySQL or PostgreSQL ends, AWS charges extended support
#   for every vCPU and hour, on standbys and replicas too, and doubles the price in the third year; where
#   the instance has opted out, AWS upgrades it at a time of its own choosing. The dates are those that
#   RDS itself gives for the version. A finding of medium severity warns before the date.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_db_instance
# custom:
#   severity: high
#   category: cost
#   types: [aws_db_instance]
#   plan: "partial"
#   params:
#     warn_days: {type: number, default: 90, description: Days before the end of standard support from which on to warn.}
#     usd_per_vcpu_hour: {type: number, default: 0.1, description: "Price of extended support in its first two years, in USD per vCPU and hour (us-east-1)."}
#     usd_per_vcpu_hour_third_year: {type: number, default: 0.2, description: "Price from the third year on."}
#     vcpus:
#       type: map
#       default: {micro: 2, small: 2, medium: 2, large: 2, xlarge: 4, 2xlarge: 8, 4xlarge: 16, 8xlarge: 32, 12xlarge: 48, 16xlarge: 64, 24xlarge: 96, 32xlarge: 128}
#       description: vCPUs by instance size; the cost of other sizes is not estimated.
#   remediation: >-
#     Upgrade to a major version in standard support, with a blue/green deployment where downtime hurts.
#   terraform: |
#     resource "aws_db_instance" "example" {
#       identifier     = "example"
#       engine         = "postgres"
#       instance_class = "db.m7g.large"
#
#       engine_version              = "17"
#       allow_major_version_upgrade = true
#     }
package metsuke.aws.rds.extended_support

import data.metsuke.lib.time

applicable if {
	input.resource.attributes.engine in {"mysql", "postgres", "aurora-mysql", "aurora-postgresql"}
	input.resource.attributes.engine_support != null
}

deny contains object.union({"message": message, "path": "engine_version"}, cost) if {
	support := input.resource.attributes.engine_support
	time.is_before(support.standard_until, input.now)
	message := sprintf("standard support for %s %s ended on %s", [
		input.resource.attributes.engine,
		support.major_version,
		substring(support.standard_until, 0, 10),
	])
}

deny contains {"message": message, "path": "engine_version", "severity": "medium"} if {
	support := input.resource.attributes.engine_support
	not time.is_before(support.standard_until, input.now)
	time.within_days(support.standard_until, input.params.warn_days, input.now)
	message := sprintf("standard support for %s %s ends on %s, in %d days", [
		input.resource.attributes.engine,
		support.major_version,
		substring(support.standard_until, 0, 10),
		time.days_until(support.standard_until, input.now),
	])
}

cost := {"monthly_cost_usd": round((((vcpus * price) * instances) * 730) * 100) / 100} if {
	input.resource.attributes.engine_lifecycle_support != "open-source-rds-extended-support-disabled"
	size := regex.replace(input.resource.attributes.instance_class, `^.*\.`, "")
	vcpus := input.params.vcpus[size]
} else := {}

price := input.params.usd_per_vcpu_hour_third_year if {
	time.age_days(input.resource.attributes.engine_support.standard_until, input.now) >= 730
} else := input.params.usd_per_vcpu_hour

instances := 2 if input.resource.attributes.multi_az == true

instances := 1 if input.resource.attributes.multi_az == false
