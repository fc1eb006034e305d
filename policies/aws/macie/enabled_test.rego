package metsuke.aws.macie.enabled_test

import data.metsuke.aws.macie.enabled

of(status, discovery, jobs) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"attributes": {"macie": [{"region": "eu-central-1", "status": status, "automated_discovery": discovery, "jobs": jobs}]}},
	"params": {"max_job_age_days": 90},
}

job(type, status, created) := {"job_type": type, "job_status": status, "created_at": created}

test_fails_when_off_or_paused if {
	enabled.deny == {{"message": "Macie is not enabled in eu-central-1, which holds buckets", "path": "macie.0.status", "key": "eu-central-1"}} with input as
		of(null, false, [])
	enabled.deny == {{"message": "Macie is paused in eu-central-1, which holds buckets", "path": "macie.0.status", "key": "eu-central-1"}} with input as
		of("PAUSED", true, [])
}

test_fails_when_it_looks_at_nothing if {
	finding := {{
		"message": "Macie looks at no bucket in eu-central-1: automated discovery is off and no job ran in 90 days",
		"path": "macie.0.automated_discovery", "key": "eu-central-1",
	}}
	enabled.deny == finding with input as of("ENABLED", false, [])
	enabled.deny == finding with input as of("ENABLED", false, [job("ONE_TIME", "COMPLETE", "2026-01-01T00:00:00Z"), job("SCHEDULED", "CANCELLED", "2026-01-01T00:00:00Z")])
}

test_passes_when_it_looks if {
	enabled.deny == set() with input as of("ENABLED", true, [])
	enabled.deny == set() with input as of("ENABLED", false, [job("SCHEDULED", "IDLE", "2024-01-01T00:00:00Z")])
	enabled.deny == set() with input as of("ENABLED", false, [job("ONE_TIME", "COMPLETE", "2026-06-01T00:00:00Z")])
}

test_passes_without_buckets if {
	enabled.deny == set() with input as {"resource": {"attributes": {"macie": []}}, "params": {"max_job_age_days": 90}, "now": "2026-07-01T00:00:00Z"}
}
