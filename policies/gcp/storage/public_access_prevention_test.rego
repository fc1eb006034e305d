package metsuke.gcp.storage.public_access_prevention_test

import data.metsuke.gcp.storage.public_access_prevention

bucket(setting, constraint, everywhere) := {
	"resource": {"attributes": {"public_access_prevention": setting, "public_access_prevention_constraint": constraint}},
	"params": {"constraint_in_force": everywhere},
}

found := {{"message": "public grants are possible", "path": "public_access_prevention"}}

test_no_prevention_fails if {
	public_access_prevention.deny == found with input as bucket("inherited", false, false)
}

test_a_plan_without_it_fails if {
	public_access_prevention.deny == found with input as bucket("inherited", null, false)
}

test_prevention_on_the_bucket_passes if {
	public_access_prevention.deny == set() with input as bucket("enforced", false, false)
}

test_prevention_by_organisation_policy_passes if {
	public_access_prevention.deny == set() with input as bucket("inherited", true, false)
}

test_prevention_everywhere_passes_in_a_plan_too if {
	public_access_prevention.deny == set() with input as bucket("inherited", null, true)
}
