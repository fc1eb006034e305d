package metsuke.aws.ce.cost_allocation_tags_active_test

import data.metsuke.aws.ce.cost_allocation_tags_active

with_tags(active) := {"resource": {"attributes": {"cost_allocation_tags": active}}, "params": {"cost_tags": ["CostCenter", "Owner"]}}

test_fails_for_every_key_that_is_not_active if {
	cost_allocation_tags_active.applicable with input as with_tags(["CostCenter", "owner"])
	cost_allocation_tags_active.deny == {{
		"message": "the tag key Owner is not active as a cost allocation tag",
		"path": "cost_allocation_tags", "key": "Owner",
	}} with input as with_tags(["CostCenter", "owner"])
}

test_passes_when_all_are_active if {
	cost_allocation_tags_active.deny == set() with input as with_tags(["Owner", "CostCenter", "Team"])
}

test_has_nothing_to_say_where_somebody_else_pays if {
	not cost_allocation_tags_active.applicable with input as with_tags(null)
}
