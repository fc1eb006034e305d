package metsuke.github.org.owner_count_test

import data.metsuke.github.org.owner_count as policy

organisation(owners) := {
	"resource": {"attributes": {}},
	"params": {"min": 2, "max": 4},
	"related": {"github_membership": object.union(
		{"people/member": {"attributes": {"role": "member"}}},
		{id: {"attributes": {"role": "admin"}} |
			some n in numbers.range(1, owners)
			id := sprintf("people/owner-%d", [n])
		},
	)},
}

test_fails_with_one_owner if {
	policy.deny == {{"message": "the organisation has 1 owners, fewer than 2"}} with input as organisation(1)
}

test_fails_with_five_owners if {
	policy.deny == {{"message": "the organisation has 5 owners, more than 4"}} with input as organisation(5)
}

test_passes_at_the_limits if {
	policy.deny == set() with input as organisation(2)
	policy.deny == set() with input as organisation(4)
}
