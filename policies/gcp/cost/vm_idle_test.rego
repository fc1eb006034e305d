package metsuke.gcp.cost.vm_idle_test

import data.metsuke.gcp.cost.vm_idle

vm(recommendation) := {"resource": {"attributes": {"idle_recommendation": recommendation}}}

test_advice_fails if {
	vm_idle.deny == {{
		"message": "is idle: Stop it.",
		"path": "idle_recommendation",
		"monthly_cost_usd": 97.84,
	}} with input as vm({"name": "r", "subtype": "STOP_VM", "description": "Stop it.", "monthly_saving": 97.84, "currency": "USD"})
}

test_advice_without_a_figure_fails if {
	vm_idle.deny == {{
		"message": "is idle: r",
		"path": "idle_recommendation",
	}} with input as vm({"name": "r", "subtype": null, "description": null, "monthly_saving": null, "currency": null})
}

test_no_advice_passes if {
	vm_idle.deny == set() with input as vm(null)
}
