package metsuke.common.tags.allowed_values_test

import data.metsuke.common.tags.allowed_values

of(tags, sensitive, allowed) := {
	"resource": {"type": "aws_instance", "tags": tags, "tag_keys": sort(object.keys(tags)), "inherited_tags": []},
	"params": {"allowed_values": {"Environment": allowed}, "case_sensitive": sensitive, "other_names": {}},
}

finding(message) := {{"message": message, "path": "tags", "key": "Environment"}}

test_fails_outside_the_list if {
	allowed_values.deny == finding("the tag Environment is \"Prod\", not one of prod, dev-*") with input as of({"Environment": "Prod"}, true, ["prod", "dev-*"])
}

test_passes_inside_the_list if {
	allowed_values.deny == set() with input as of({"Environment": "dev-1"}, true, ["prod", "dev-*"])
	allowed_values.deny == set() with input as of({"Environment": "Prod"}, false, ["prod", "dev-*"])
}

test_a_regular_expression_matches_the_whole_value if {
	allowed_values.deny == finding("the tag Environment is \"xprod\", not of the form prod|dev") with input as of({"Environment": "xprod"}, true, "prod|dev")
	allowed_values.deny == finding("the tag Environment is \"devs\", not of the form prod|dev") with input as of({"Environment": "devs"}, false, "prod|dev")
	allowed_values.deny == set() with input as of({"Environment": "dev"}, true, "prod|dev")
	allowed_values.deny == set() with input as of({"Environment": "DEV"}, false, "prod|dev")
}

test_a_missing_key_is_not_judged if allowed_values.deny == set() with input as of({"environment": "x"}, true, ["prod"])
