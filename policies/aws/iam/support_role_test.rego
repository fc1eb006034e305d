package metsuke.aws.iam.support_role_test

import data.metsuke.aws.iam.support_role

of(holders) := {"resource": {"attributes": {"support_access": holders}}, "params": {"entity_types": ["Role"]}}

finding := {{"message": "no role may open support cases: AWSSupportAccess is attached to none", "path": "support_access"}}

test_fails_without_a_role if {
	support_role.deny == finding with input as of([])
	support_role.deny == finding with input as of([{"type": "User", "name": "ann"}])
}

test_passes_with_one if {
	support_role.deny == set() with input as of([{"type": "Role", "name": "support"}])
}
