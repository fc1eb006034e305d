package metsuke.aws.ce.anomaly_monitor_missing_test

import data.metsuke.aws.ce.anomaly_monitor_missing

of(monitors, organization) := {"resource": {"attributes": {"anomaly_monitors": monitors, "organization": organization}}}

monitor(type, dimension) := {"monitor_name": "m", "monitor_type": type, "monitor_dimension": dimension}

in_organization := {"id": "o-1", "feature_set": "ALL", "management_account_id": "1", "role": "management"}

finding := {{"message": "no monitor of cost anomalies covers all services", "path": "anomaly_monitors"}}

test_fails_without_a_monitor_of_everything if {
	anomaly_monitor_missing.applicable with input as of([], null)
	anomaly_monitor_missing.deny == finding with input as of([], null)
	anomaly_monitor_missing.deny == finding with input as of([monitor("CUSTOM", null)], in_organization)
	anomaly_monitor_missing.deny == finding with input as of([monitor("DIMENSIONAL", "LINKED_ACCOUNT")], null)
}

test_passes_with_one if {
	anomaly_monitor_missing.deny == set() with input as of([monitor("DIMENSIONAL", "SERVICE")], null)
	anomaly_monitor_missing.deny == set() with input as of([monitor("DIMENSIONAL", "LINKED_ACCOUNT")], in_organization)
}

test_has_nothing_to_say_in_members if {
	not anomaly_monitor_missing.applicable with input as of(null, in_organization)
}
