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
	policy.deny == {{"message": "the number of owners is 1, below 2"}} with input as organisation(1)
}

test_fails_with_five_owners if {
	policy.deny == {{"message": "the number of owners is 5, above 4"}} with input as organisation(5)
}

test_passes_at_the_limits if {
	policy.deny == set() with input as organisation(2)
	policy.deny == set() with input as organisation(4)
}

test_plans_are_not_counted if {
	policy.applicable with input as {"resource": {"scope": {"provider": "github"}}}
	not policy.applicable with input as {"resource": {"scope": {"provider": "terraform"}}}
}
