package metsuke.github.org.no_member_public_repos_test

import data.metsuke.github.org.no_member_public_repos as policy

organisation(can) := {"resource": {"attributes": {"members_can_create_public_repositories": can}}}

test_fails_when_members_can if {
	policy.deny == {{
		"message": "members who are not owners can create public repositories",
		"path": "members_can_create_public_repositories",
	}} with input as organisation(true)
}

test_passes_when_they_cannot if {
	policy.deny == set() with input as organisation(false)
}
