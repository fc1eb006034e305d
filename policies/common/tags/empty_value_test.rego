package metsuke.common.tags.empty_value_test

import data.metsuke.common.tags.empty_value

of(tags) := {
	"resource": {"type": "aws_instance", "tags": tags, "tag_keys": sort(object.keys(tags)), "inherited_tags": []},
	"params": {
		"required_tags": ["Owner", "Environment"],
		"required_tags_by_type": {},
		"placeholder_values": ["tbd", "test"],
		"other_names": {},
		"real_values": {"Environment": ["test"]},
	},
}

test_fails_on_what_says_nothing if {
	empty_value.deny == {{"message": "the tag Owner is empty", "path": "tags", "key": "Owner"}} with input as of({"Owner": " "})
	empty_value.deny == {{"message": "the tag Owner is the placeholder \"TBD\"", "path": "tags", "key": "Owner"}} with input as of({"Owner": "TBD"})
	empty_value.deny == {{"message": "the tag Owner is the placeholder \"test\"", "path": "tags", "key": "Owner"}} with input as of({"Owner": "test"})
}

test_passes_on_what_does if {
	empty_value.deny == set() with input as of({"Owner": "tbd-team", "Environment": "test", "Other": "tbd"})
}
