package metsuke.aws.rds.extended_support_test

import data.metsuke.aws.rds.extended_support

of(until, lifecycle, class, multi) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"attributes": {
		"engine": "postgres",
		"engine_support": {"major_version": "13", "standard_until": until, "extended_until": null},
		"engine_lifecycle_support": lifecycle,
		"instance_class": class,
		"multi_az": multi,
	}},
	"params": {"warn_days": 90, "usd_per_vcpu_hour": 0.1, "usd_per_vcpu_hour_third_year": 0.2, "vcpus": {"large": 2}},
}

past := {"message": "standard support for postgres 13 ended on 2026-02-28", "path": "engine_version"}

test_fails_after_the_end if {
	until := "2026-02-28T23:59:59Z"
	extended_support.applicable with input as of(until, null, "db.m5.large", false)
	extended_support.deny == {object.union(past, {"monthly_cost_usd": 146})} with input as of(until, null, "db.m5.large", false)
	extended_support.deny == {object.union(past, {"monthly_cost_usd": 292})} with input as of(until, null, "db.m5.large", true)
	extended_support.deny == {past} with input as of(until, null, "db.serverless", false)
	extended_support.deny == {past} with input as of(until, "open-source-rds-extended-support-disabled", "db.m5.large", false)
}

test_the_third_year_is_dearer if {
	some finding in extended_support.deny with input as of("2024-06-30T23:59:59Z", null, "db.m5.large", false)
	finding.monthly_cost_usd == 292
}

test_warns_before_the_end if {
	extended_support.deny == {{
		"message": "standard support for postgres 13 ends on 2026-09-28, in 89 days",
		"path": "engine_version",
		"severity": "medium",
	}} with input as of("2026-09-28T23:59:59Z", null, "db.m5.large", false)
}

test_passes_long_before_the_end if {
	extended_support.deny == set() with input as of("2026-10-28T23:59:59Z", null, "db.m5.large", false)
}
