package metsuke.github.repo.secret_alerts_open_test

import data.metsuke.github.repo.secret_alerts_open as policy

repository(scanning, alerts, max_days) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"attributes": {
		"security_and_analysis": {"secret_scanning": {"status": scanning}},
		"open_secret_alerts": alerts,
	}},
	"params": {"max_days": max_days},
}

alert(number, validity) := {
	"number": number,
	"created_at": "2026-06-28T08:00:00Z",
	"secret_type": "stripe_api_key",
	"validity": validity,
}

finding(number, works, severity) := {
	"message": sprintf("alert %d: a secret of the kind stripe_api_key (%s) is open since 2026-06-28", [number, works]),
	"path": "open_secret_alerts",
	"severity": severity,
	"key": sprintf("alert-%d", [number]),
}

test_fails_for_each_open_alert if {
	policy.deny == {
		finding(1, "still working", "critical"),
		finding(2, "no longer working", "high"),
		finding(3, "perhaps still working", "high"),
	} with input as repository("enabled", [alert(1, "active"), alert(2, "inactive"), alert(3, "unknown")], 0)
}

test_passes_without_alerts if {
	policy.deny == set() with input as repository("enabled", [], 0)
}

test_passes_within_the_time_allowed if {
	policy.deny == set() with input as repository("enabled", [alert(1, "active")], 7)
}

test_does_not_apply_without_scanning if {
	not policy.applicable with input as repository("disabled", [], 0)
	policy.applicable with input as repository("enabled", [], 0)
	policy.applicable with input as repository("disabled", [alert(1, "active")], 0)
}
