# METADATA
# title: Each account has a cost budget
# description: >-
#   Without a budget nobody is told that an account spends more than planned until the invoice arrives. A cost
#   budget with a period of a month, a quarter or a year, in the account or in the management account for it, is the
#   least. In a member that is not scanned through its management account, the budgets there cannot be seen, and
#   only a budget of its own is proof.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: high
#   category: cost
#   types: [aws_account]
#   plan: "no"
#   remediation: >-
#     Create a cost budget with an alert to the owner. In Terraform: aws_budgets_budget with budget_type COST and
#     time_unit MONTHLY.
package metsuke.aws.budgets.missing

import data.metsuke.lib.time

deny contains {"message": "no active cost budget covers the account", "path": "budgets"} if {
	not guarded(input.resource.attributes.budgets)
	not guarded(input.resource.attributes.payer_budgets)
}

guarded(budgets) if {
	some budget in budgets
	budget.budget_type == "COST"
	budget.time_unit in {"MONTHLY", "QUARTERLY", "ANNUALLY"}
	begun(budget.start)
	running(budget.end)
}

begun(null)

begun(start) if {
	start != null
	not time.is_after(start, input.now)
}

running(null)

running(end) if {
	end != null
	time.is_after(end, input.now)
}
