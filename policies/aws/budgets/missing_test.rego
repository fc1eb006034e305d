package metsuke.aws.budgets.missing_test

import data.metsuke.aws.budgets.missing

of(own, payer) := {"now": "2026-07-01T00:00:00Z", "resource": {"attributes": {"budgets": own, "payer_budgets": payer}}}

budget(type, unit, start, end) := {"name": "b", "budget_type": type, "time_unit": unit, "start": start, "end": end}

good := budget("COST", "MONTHLY", "2023-01-01T00:00:00Z", "2087-06-15T00:00:00Z")

finding := {{"message": "no active cost budget covers the account", "path": "budgets"}}

test_fails_without_an_active_cost_budget if {
	every budgets in [
		[],
		[budget("USAGE", "MONTHLY", null, null)],
		[budget("COST", "DAILY", null, null)],
		[budget("COST", "MONTHLY", null, "2026-06-30T00:00:00Z")],
		[budget("COST", "MONTHLY", "2026-08-01T00:00:00Z", null)],
	] {
		missing.deny == finding with input as of(budgets, [])
		missing.deny == finding with input as of([], budgets)
	}
}

test_passes_with_one_from_either_side if {
	missing.deny == set() with input as of([good], [])
	missing.deny == set() with input as of([], [good])
	missing.deny == set() with input as of([budget("COST", "ANNUALLY", null, null)], [])
}
