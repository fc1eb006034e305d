# METADATA
# title: Mandatory tag keys are activated as cost allocation tags
# description: >-
#   A tag shows on the bill only after it was activated as a cost allocation tag in the account that pays, and only
#   from that day on: money spent before stays unassigned for good. Judged where the bill is paid, in the management
#   account or outside an organisation.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: medium
#   category: tagging
#   types: [aws_account]
#   plan: "no"
#   params:
#     cost_tags: {type: list, default: [CostCenter, Environment, Owner], description: Tag keys by which cost is split.}
#   remediation: >-
#     Activate the key in Billing, Cost allocation tags. In Terraform: aws_ce_cost_allocation_tag with status Active
#     in the management account.
package metsuke.aws.ce.cost_allocation_tags_active

applicable if input.resource.attributes.cost_allocation_tags != null

deny contains {"message": message, "path": "cost_allocation_tags", "key": key} if {
	some key in input.params.cost_tags
	not key in input.resource.attributes.cost_allocation_tags
	message := sprintf("the tag key %s is not active as a cost allocation tag", [key])
}
