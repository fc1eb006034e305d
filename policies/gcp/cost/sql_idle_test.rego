package metsuke.gcp.cost.sql_idle_test

import data.metsuke.gcp.cost.sql_idle

instance(recommendation) := {"resource": {"attributes": {"idle_recommendation": recommendation}}}

recommendation := {"name": "r", "subtype": "STOP_INSTANCE", "description": "Shut it down.", "monthly_saving": 101.5, "currency": "USD"}

test_advice_fails if {
	sql_idle.deny == {{
		"message": "is idle: Shut it down.",
		"path": "idle_recommendation",
		"monthly_cost_usd": 101.5,
	}} with input as instance(recommendation)
}

test_savings_in_other_currencies_are_left_out if {
	sql_idle.deny == {{
		"message": "is idle: STOP_INSTANCE",
		"path": "idle_recommendation",
	}} with input as instance(object.union(recommendation, {"currency": "EUR", "description": null}))
}

test_no_advice_passes if {
	sql_idle.deny == set() with input as instance(null)
}
