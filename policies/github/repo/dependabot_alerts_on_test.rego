package metsuke.github.repo.dependabot_alerts_on_test

import data.metsuke.github.repo.dependabot_alerts_on as policy

repository(archived, alerts) := {"resource": {"attributes": {"archived": archived, "vulnerability_alerts": alerts}}}

test_fails_without_alerts if {
	policy.deny == {{"message": "Dependabot alerts are off", "path": "vulnerability_alerts"}} with input as repository(false, false)
}

test_passes_with_alerts if {
	policy.deny == set() with input as repository(false, true)
}

test_archived_repositories_are_not_judged if {
	not policy.applicable with input as repository(true, false)
	policy.applicable with input as repository(false, false)
}
