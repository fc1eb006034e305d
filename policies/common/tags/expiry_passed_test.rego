package metsuke.common.tags.expiry_passed_test

import data.metsuke.common.tags.expiry_passed

of(tags, created) := {
	"now": "2026-07-01T12:00:00Z",
	"resource": {"tags": tags, "tag_keys": sort(object.keys(tags)), "created": created},
	"params": {"expiry_keys": ["ExpiresOn", "ttl"]},
}

finding(key, message) := {{"message": message, "path": "tags", "key": key}}

test_fails_after_the_time if {
	expiry_passed.deny == finding("ExpiresOn", "expired 92 days ago (ExpiresOn: 2026-03-30)") with input as of({"ExpiresOn": "2026-03-30"}, null)
	expiry_passed.deny == finding("expires_on", "expired 0 days ago (expires_on: 2026-07-01T12:00:00Z)") with input as of({"expires_on": "2026-07-01T12:00:00Z"}, null)
	expiry_passed.deny == finding("TTL", "expired 5 days ago (TTL: 72h)") with input as of({"TTL": " 72h"}, "2026-06-23T10:00:00Z")
}

test_a_day_is_over_at_midnight if {
	expiry_passed.deny == set() with input as of({"ExpiresOn": "2026-07-01"}, null)
	expiry_passed.deny == finding("ExpiresOn", "expired 0 days ago (ExpiresOn: 2026-06-30)") with input as of({"ExpiresOn": "2026-06-30"}, null)
}

test_passes_before_the_time if {
	expiry_passed.applicable with input as of({"ttl": "14d"}, "2026-06-23T10:00:00Z")
	expiry_passed.deny == set() with input as of({"ttl": "14d"}, "2026-06-23T10:00:00Z")
}

test_does_not_apply_to_what_cannot_be_understood if {
	every value in ["", "never", "31.03.2026", "2026-02-30", "soon"] {
		not expiry_passed.applicable with input as of({"ExpiresOn": value}, "2020-01-01T00:00:00Z")
	}
	not expiry_passed.applicable with input as of({"ttl": "14d"}, null)
	not expiry_passed.applicable with input as of({"Owner": "2020-01-01"}, null)
}
