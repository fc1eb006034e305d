package metsuke.github.org["2fa_required_test"]

import data.metsuke.github.org["2fa_required"] as policy

organisation(required, managed) := {
	"resource": {"attributes": {"two_factor_requirement_enabled": required}},
	"params": {"enterprise_managed_users": managed},
}

test_fails_without_the_requirement if {
	policy.deny == {{
		"message": "the organisation does not require two-factor authentication",
		"path": "two_factor_requirement_enabled",
	}} with input as organisation(false, false)
}

test_passes_with_the_requirement if {
	policy.deny == set() with input as organisation(true, false)
}

test_passes_where_the_enterprise_manages_users if {
	policy.deny == set() with input as organisation(false, true)
}
