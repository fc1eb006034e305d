package metsuke.github.org.members_without_2fa_test

import data.metsuke.github.org.members_without_2fa as policy

person(without, role, exempt) := {
	"resource": {"attributes": {"username": "Mori", "role": role, "two_factor_disabled": without}},
	"params": {"exempt": exempt, "enterprise_managed_users": false},
}

test_fails_without_a_second_factor if {
	policy.deny == {{
		"message": "Mori (an owner) has no two-factor authentication",
		"path": "two_factor_disabled",
	}} with input as person(true, "admin", [])
	policy.deny == {{
		"message": "Mori (a member) has no two-factor authentication",
		"path": "two_factor_disabled",
	}} with input as person(true, "member", ["other"])
}

test_fails_for_an_outside_collaborator if {
	policy.deny == {{
		"message": "Mori (an outside collaborator) has no two-factor authentication",
		"path": "two_factor_disabled",
	}} with input as person(true, "outside_collaborator", [])
}

test_passes_with_a_second_factor if {
	policy.deny == set() with input as person(false, "member", [])
}

test_passes_an_exempt_login_in_any_case if {
	policy.deny == set() with input as person(true, "member", ["mori"])
}

test_managed_users_are_skipped if {
	not policy.applicable with input as {"params": {"enterprise_managed_users": true}}
	policy.applicable with input as {"params": {"enterprise_managed_users": false}}
}
