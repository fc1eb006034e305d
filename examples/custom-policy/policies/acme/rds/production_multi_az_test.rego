package metsuke.acme.rds.production_multi_az_test

import data.metsuke.acme.rds.production_multi_az as policy

database(environment, multi_az) := {
	"params": {"environments": ["prod"]},
	"resource": {"tags": {"Environment": environment}, "attributes": {"cluster_identifier": null, "multi_az": multi_az}},
}

test_a_production_database_without_a_standby_fails if {
	policy.deny == {{"message": "has no standby in a second availability zone", "path": "multi_az"}} with input as database("prod", false)
}

test_a_production_database_with_a_standby_passes if {
	policy.applicable with input as database("prod", true)
	policy.deny == set() with input as database("prod", true)
}

test_a_database_for_trials_is_not_judged if {
	not policy.applicable with input as database("test", false)
}
