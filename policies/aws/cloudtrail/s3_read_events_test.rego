package metsuke.aws.cloudtrail.s3_read_events_test

import data.metsuke.aws.cloudtrail.s3_read_events

good := [{"read_write_type": "ReadOnly", "include_management_events": false, "exclude_management_event_sources": [], "data_resource": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}]

bad := [{"read_write_type": "WriteOnly", "include_management_events": false, "exclude_management_event_sources": [], "data_resource": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}]

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
	s3_read_events.applicable with input as world("aws_cloudtrail", {"arn:a": trail(good)}, {})
	s3_read_events.deny == set() with input as world("aws_cloudtrail", {"arn:a": trail(good)}, {})
}

test_passes_when_another_trail_does if {
	s3_read_events.deny == set() with input as world("aws_cloudtrail", {"arn:a": trail(bad), "arn:b": trail(good)}, {})
	s3_read_events.deny == set() with input as world("aws_cloudtrail", {"arn:a": trail(bad)}, {"arn:o": trail(good)})
}

test_fails_and_says_what_this_trail_lacks if {
	s3_read_events.deny == {{"message": "no trail records the reads of objects in all buckets: this trail does not select them", "path": "event_selector", "defects": ["does not select them"]}} with input as world("aws_cloudtrail", {"arn:a": trail(bad)}, {"arn:o": trail(bad)})
	weak := object.union(trail(good), {"is_multi_region_trail": false, "enable_logging": false})
	s3_read_events.deny == {{"message": "no trail records the reads of objects in all buckets: this trail covers one Region, is switched off", "path": "event_selector", "defects": ["covers one Region", "is switched off"]}} with input as world("aws_cloudtrail", {"arn:a": weak}, {})
}

test_the_account_is_judged_when_it_has_no_trail if {
	not s3_read_events.applicable with input as world("aws_account", {"arn:b": trail(bad)}, {})
	s3_read_events.applicable with input as world("aws_account", {}, {})
	s3_read_events.deny == {{"message": "no trail of the account or its organization records the reads of objects in all buckets"}} with input as world("aws_account", {}, {})
	s3_read_events.deny == set() with input as world("aws_account", {}, {"arn:o": trail(good)})
}
