package metsuke.aws.ebs.volume_tag_drift_test

import data.metsuke.aws.ebs.volume_tag_drift

instances := {
	"i-1": {"name": "web", "tags": {"Owner": "shop", "Environment": "prod"}},
	"i-2": {"name": "batch", "tags": {"Owner": "data"}},
}

of(tags, attached) := {
	"resource": {
		"tags": tags, "tag_keys": object.keys(tags),
		"attributes": {"attachments": [{"instance": i} | some i in attached]},
	},
	"related": {"aws_instance": instances},
	"params": {"inherited_tags": ["Owner", "Environment", "CostCenter"]},
}

lacking := {"key": "Environment", "message": "lacks the tag Environment, which its instance web has", "path": "tags"}

test_fails_where_tags_are_missing_or_differ if {
	volume_tag_drift.applicable with input as of({"Owner": "data"}, ["i-1"])
	volume_tag_drift.deny == {
		lacking,
		{"key": "Owner", "message": "tag Owner is \"data\", that of its instance web is \"shop\"", "path": "tags"},
	} with input as of({"Owner": "data"}, ["i-1"])
	volume_tag_drift.deny == {lacking} with input as of({"Owner": "shop"}, ["i-1"])
}

test_passes_where_they_are_the_same if {
	volume_tag_drift.deny == set() with input as of({"Owner": "shop", "Environment": "prod", "Name": "root"}, ["i-1"])
	volume_tag_drift.deny == set() with input as of({"Owner": "data", "CostCenter": "4711"}, ["i-2"])
}

test_passes_where_another_instance_has_the_same if {
	volume_tag_drift.deny == set() with input as of({"Owner": "data"}, ["i-1", "i-2"])
	volume_tag_drift.deny != set() with input as of({"Owner": "ops"}, ["i-1", "i-2"])
}

test_volumes_of_no_known_instance_are_not_judged if {
	not volume_tag_drift.applicable with input as of({}, [])
	not volume_tag_drift.applicable with input as of({}, ["i-9"])
}
