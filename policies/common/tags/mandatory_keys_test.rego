package metsuke.common.tags.mandatory_keys_test

import data.metsuke.common.tags.mandatory_keys

of(type, tags) := {
	"resource": {"id": "i", "name": "i", "type": type, "tags": tags, "tag_keys": sort(object.keys(tags)), "inherited_tags": []},
	"params": {
		"required_tags": ["Owner", "Environment", "CostCenter"],
		"required_tags_by_type": {"github_repository": ["Owner"], "aws_eip": []},
		"other_names": {"Environment": ["env"]},
		"types": ["*"],
		"exclude_types": ["aws_ebs_*"],
	},
}

lacks(what) := {{"message": sprintf("lacks the %s", [what]), "path": "tags", "defects": split(regex.replace(what, `^(tags?|label|custom property) `, ""), ", ")}}

test_names_the_missing_keys_in_the_order_of_the_standard if {
	mandatory_keys.deny == lacks("tags Owner, CostCenter") with input as of("aws_instance", {"Environment": "prod"})
	mandatory_keys.deny == lacks("tag CostCenter") with input as of("aws_instance", {"Environment": "prod", "Owner": "a", "costcenter": "1"})
	mandatory_keys.deny == lacks("tags Owner, Environment, CostCenter") with input as of("aws_instance", {})
}

test_names_them_as_the_provider_spells_them if {
	mandatory_keys.deny == lacks("label cost_center") with input as of("google_storage_bucket", {"owner": "a", "env": "prod"})
	mandatory_keys.deny == lacks("custom property owner") with input as of("github_repository", {})
}

test_passes_with_all_of_them if {
	mandatory_keys.deny == set() with input as of("aws_instance", {"Environment": "", "Owner": "", "CostCenter": ""})
	mandatory_keys.deny == set() with input as of("google_storage_bucket", {"owner": "a", "environment": "prod", "cost-center": "1"})
}

test_applies_where_keys_are_required_and_people_can_set_them if {
	mandatory_keys.applicable with input as of("aws_instance", {})
	not mandatory_keys.applicable with input as of("aws_eip", {})
	not mandatory_keys.applicable with input as of("aws_ebs_volume", {})
	not mandatory_keys.applicable with input as of("aws_instance", {"aws:autoscaling:groupName": "g"})
}
