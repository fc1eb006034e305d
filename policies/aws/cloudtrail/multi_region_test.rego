package metsuke.aws.cloudtrail.multi_region_test

import data.metsuke.aws.cloudtrail.multi_region

good := [{"read_write_type": "All", "include_management_events": true, "exclude_management_event_sources": [], "data_resource": []}]

bad := [{"read_write_type": "WriteOnly", "include_management_events": true, "exclude_management_event_sources": [], "data_resource": []}]

trail(selectors) := {
	"is_multi_region_trail": true, "enable_logging": true,
	"event_selector": selectors, "advanced_event_selector": [],
}

world(type, trails, foreign) := {
	"resource": {"type": type, "id": "arn:a"},
	"related": {
		"aws_cloudtrail": {id: {"id": id, "attributes": attributes} | some id, attributes in trails},
		"aws_cloudtrail_organization_trail": {id: {"id": id, "attributes": attributes} | some id, attributes in foreign},
	},
}

test_passes_when_the_trail_records_them if {
	multi_region.applicable with input as world("aws_cloudtrail", {"arn:a": trail(good)}, {})
	multi_region.deny == set() with input as world("aws_cloudtrail", {"arn:a": trail(good)}, {})
}

test_passes_when_another_trail_does if {
	multi_region.deny == set() with input as world("aws_cloudtrail", {"arn:a": trail(bad), "arn:b": trail(good)}, {})
	multi_region.deny == set() with input as world("aws_cloudtrail", {"arn:a": trail(bad)}, {"arn:o": trail(good)})
}

test_fails_and_says_what_this_trail_lacks if {
	multi_region.deny == {{"message": "no trail records all management events in every Region: this trail does not select them", "path": "is_multi_region_trail", "defects": ["does not select them"]}} with input as world("aws_cloudtrail", {"arn:a": trail(bad)}, {"arn:o": trail(bad)})
	weak := object.union(trail(good), {"is_multi_region_trail": false, "enable_logging": false})
	multi_region.deny == {{"message": "no trail records all management events in every Region: this trail covers one Region, is switched off", "path": "is_multi_region_trail", "defects": ["covers one Region", "is switched off"]}} with input as world("aws_cloudtrail", {"arn:a": weak}, {})
}

test_the_account_is_judged_when_it_has_no_trail if {
	not multi_region.applicable with input as world("aws_account", {"arn:b": trail(bad)}, {})
	multi_region.applicable with input as world("aws_account", {}, {})
	multi_region.deny == {{"message": "no trail of the account or its organization records all management events in every Region"}} with input as world("aws_account", {}, {})
	multi_region.deny == set() with input as world("aws_account", {}, {"arn:o": trail(good)})
}
