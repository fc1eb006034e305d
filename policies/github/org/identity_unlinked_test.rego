package metsuke.github.org.identity_unlinked_test

import data.metsuke.github.org.identity_unlinked as policy

person(role, configured, identity, exempt) := {
	"resource": {"attributes": {
		"username": "Mori",
		"role": role,
		"identity_provider_configured": configured,
		"external_identity": identity,
	}},
	"params": {"exempt": exempt},
}

test_fails_without_a_link if {
	policy.deny == {{
		"message": "Mori is linked to no identity of the identity provider",
		"path": "external_identity",
	}} with input as person("member", true, null, [])
}

test_passes_with_a_link if {
	policy.deny == set() with input as person("member", true, {"name_id": "mori@example", "user_name": null}, [])
}

test_passes_an_exempt_login if {
	policy.deny == set() with input as person("member", true, null, ["mori"])
}

test_applies_to_members_where_there_is_an_identity_provider if {
	policy.applicable with input as person("admin", true, null, [])
	not policy.applicable with input as person("outside_collaborator", true, null, [])
	not policy.applicable with input as person("member", false, null, [])
}
