package metsuke.gcp.cost.vm_oversized_test

import data.metsuke.gcp.cost.vm_oversized

vm(recommendation) := {
	"resource": {"attributes": {"machine_type_recommendation": recommendation}},
	"params": {"min_saving": 10},
}

advised(saving) := {"name": "r", "subtype": "CHANGE_MACHINE_TYPE", "description": "Take a smaller one.", "monthly_saving": saving, "currency": "USD"}

test_a_saving_fails if {
	vm_oversized.deny == {{
		"message": "is larger than its load: Take a smaller one.",
		"path": "machine_type_recommendation",
		"monthly_cost_usd": 426.12,
	}} with input as vm(advised(426.12))
}

test_a_small_saving_passes if {
	vm_oversized.deny == set() with input as vm(advised(9.99))
}

test_advice_to_grow_passes if {
	vm_oversized.deny == set() with input as vm(advised(-30))
	vm_oversized.deny == set() with input as vm(advised(null))
}

test_no_advice_passes if {
	vm_oversized.deny == set() with input as vm(null)
}
