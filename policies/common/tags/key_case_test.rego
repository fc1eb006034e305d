package metsuke.common.tags.key_case_test

import data.metsuke.common.tags.key_case

of(type, tags, pattern) := {
	"resource": {"type": type, "tags": tags, "tag_keys": sort(object.keys(tags))},
	"params": {"canonical_keys": ["Owner", "CostCenter"], "key_pattern": pattern},
}

finding(key, message) := {{"message": message, "path": "tags", "key": key}}

test_fails_on_other_spellings if {
	every key in ["cost-center", "costcenter", "COST_CENTER", "Cost Center"] {
		message := sprintf("the tag %s is to be written CostCenter", [key])
		key_case.deny == finding(key, message) with input as of("aws_instance", {key: "1"}, "")
	}
	key_case.deny == finding("costcenter", "the label costcenter is to be written cost_center") with input as of("google_project", {"costcenter": "1"}, "")
}

test_passes_on_the_canonical_spelling if {
	key_case.deny == set() with input as of("aws_instance", {"CostCenter": "1", "Owner": "a", "whatever": "b"}, "")
	key_case.deny == set() with input as of("google_project", {"cost_center": "1"}, "")
}

test_other_keys_may_have_to_have_a_form if {
	key_case.deny == finding("some_key", "the tag some_key does not have the form [A-Z][A-Za-z]*") with input as of("aws_instance", {"some_key": "1", "Owner": "a", "Name": "n", "aws:x": "y"}, "[A-Z][A-Za-z]*")
}

test_the_organisation_spells_custom_properties if {
	key_case.applicable with input as of("aws_instance", {}, "")
	not key_case.applicable with input as of("github_repository", {}, "")
}
