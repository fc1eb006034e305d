package metsuke.common.tags.untagged_test

import data.metsuke.common.tags.untagged

of(type, tags, suppress) := {
	"resource": {"id": "i", "name": "i", "type": type, "tags": tags, "tag_keys": sort(object.keys(tags)), "inherited_tags": []},
	"params": {"suppress_when_mandatory": suppress, "required_tags": ["Owner"], "required_tags_by_type": {"aws_eip": []}},
}

test_fails_without_tags_of_people if {
	untagged.deny == {{"message": "has no tags at all", "path": "tags"}} with input as of("aws_eip", {"aws:cloudformation:stack-name": "s"}, false)
	untagged.deny == {{"message": "has no labels at all", "path": "tags"}} with input as of("google_project", {}, false)
}

test_passes_with_one if untagged.deny == set() with input as of("aws_eip", {"Name": "n"}, false)

test_may_be_left_to_the_mandatory_keys if {
	untagged.applicable with input as of("aws_instance", {}, false)
	untagged.applicable with input as of("aws_eip", {}, true)
	not untagged.applicable with input as of("aws_instance", {}, true)
	not untagged.applicable with input as of("aws_instance", {"aws:autoscaling:groupName": "g"}, false)
}
