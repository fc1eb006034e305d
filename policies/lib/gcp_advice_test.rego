package metsuke.lib.gcp_advice_test

import data.metsuke.lib.gcp_advice

recommendation := {"name": "projects/1/x", "subtype": "STOP_VM", "description": "Stop it.", "monthly_saving": 12.5, "currency": "USD"}

test_the_text_is_the_best_there_is if {
	gcp_advice.text(recommendation) == "Stop it."
	gcp_advice.text(object.union(recommendation, {"description": null})) == "STOP_VM"
	gcp_advice.text(object.union(recommendation, {"description": null, "subtype": null})) == "projects/1/x"
}

test_only_savings_in_dollars_are_told if {
	gcp_advice.saving(recommendation) == {"monthly_cost_usd": 12.5}
	gcp_advice.saving(object.union(recommendation, {"currency": "EUR"})) == {}
	gcp_advice.saving(object.union(recommendation, {"monthly_saving": -3})) == {}
	gcp_advice.saving(object.union(recommendation, {"monthly_saving": null, "currency": null})) == {}
}
