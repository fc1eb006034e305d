package metsuke.gcp.cost.project_unattended_test

import data.metsuke.gcp.cost.project_unattended

project(billing, recommendation) := {"resource": {"attributes": {
	"billing_enabled": billing,
	"utilization_recommendation": recommendation,
}}}

advised(subtype) := {"name": "r", "subtype": subtype, "description": "Low usage.", "monthly_saving": 203, "currency": "USD"}

found := {{"message": "looks abandoned: Low usage.", "path": "utilization_recommendation", "monthly_cost_usd": 203}}

test_an_abandoned_project_fails if {
	project_unattended.deny == found with input as project(true, advised("CLEANUP_PROJECT"))
	project_unattended.deny == found with input as project(true, advised("RECLAIM_PROJECT"))
}

test_a_project_without_billing_passes if {
	project_unattended.deny == set() with input as project(false, advised("CLEANUP_PROJECT"))
}

test_other_advice_passes if {
	project_unattended.deny == set() with input as project(true, advised("CHANGE_SOMETHING"))
}

test_no_advice_passes if {
	project_unattended.deny == set() with input as project(true, null)
}
