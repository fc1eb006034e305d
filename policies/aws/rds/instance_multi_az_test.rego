package metsuke.aws.rds.instance_multi_az_test

import data.metsuke.aws.rds.instance_multi_az

of(multi, tags) := {
	"resource": {"tags": tags, "tag_keys": sort(object.keys(tags)), "attributes": {"cluster_identifier": null, "replicate_source_db": null, "multi_az": multi}},
	"params": {"nonprod": ["dev", "test"]},
}

test_fails_without_a_standby if {
	instance_multi_az.applicable with input as of(false, {"Environment": "prod"})
	instance_multi_az.deny == {{"message": "there is no standby in a second availability zone", "path": "multi_az"}} with input as of(false, {})
}

test_passes_with_a_standby if instance_multi_az.deny == set() with input as of(true, {})

test_does_not_apply_to_what_is_not_production if {
	not instance_multi_az.applicable with input as of(false, {"Environment": "test"})
}
