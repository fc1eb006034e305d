package metsuke.github.org.inactive_members_test

import data.metsuke.github.org.inactive_members as policy

now := "2026-07-01T00:00:00Z"

person(contribution, event, added) := {
	"now": now,
	"resource": {"attributes": {
		"username": "mori",
		"role": "member",
		"last_contribution_at": contribution,
		"last_audit_event_at": event,
		"added_at": added,
	}},
	"params": {"max_idle_days": 90, "evidence": "audit_log", "seat_monthly_cost_usd": 21},
}

contributions_only(contribution) := object.union(person(contribution, "2026-06-30T00:00:00Z", null), {"params": {"evidence": "contributions"}})

idle_for(n) := {{
	"message": sprintf("mori has shown no activity for more than %d days", [n]),
	"path": "last_contribution_at",
	"monthly_cost_usd": 21,
}}

test_fails_when_nothing_was_ever_seen if {
	policy.deny == idle_for(90) with input as person(null, null, null)
}

test_fails_when_everything_is_long_ago if {
	policy.deny == idle_for(90) with input as person("2026-01-22T00:00:00Z", "2026-01-23T12:00:00Z", "2026-01-10T00:00:00Z")
}

test_passes_with_a_recent_contribution if {
	policy.deny == set() with input as person("2026-06-20T00:00:00Z", null, null)
}

test_passes_with_a_recent_event if {
	policy.deny == set() with input as person(null, "2026-06-20T00:00:00Z", null)
}

test_passes_somebody_who_was_just_added if {
	policy.deny == set() with input as person(null, null, "2026-06-15T00:00:00Z")
}

test_judges_by_contributions_alone_when_told_to if {
	policy.deny == idle_for(90) with input as contributions_only("2026-01-22T00:00:00Z")
	policy.deny == set() with input as contributions_only("2026-06-22T00:00:00Z")
}

test_more_days_than_the_log_has_count_as_those if {
	policy.deny == idle_for(180) with input as object.union(person(null, null, null), {"params": {"max_idle_days": 400}})
}

test_applies_to_members_only if {
	policy.applicable with input as {"resource": {"attributes": {"role": "admin"}}}
	policy.applicable with input as {"resource": {"attributes": {"role": "member"}}}
	not policy.applicable with input as {"resource": {"attributes": {"role": "outside_collaborator"}}}
}
