package metsuke.aws.ebs.snapshot_old_test

import data.metsuke.aws.ebs.snapshot_old

of(created, tier, images, keys) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {
		"created": created, "tag_keys": keys,
		"attributes": {"storage_tier": tier, "images": images, "volume_size": 101},
	},
	"params": {"max_age_days": 90, "gib_usd": 0.05},
}

test_fails_when_it_is_old_and_no_image_needs_it if {
	snapshot_old.applicable with input as of("2026-04-01T00:00:00Z", "standard", [], ["Name"])
	snapshot_old.deny == {{
		"message": "snapshot of up to 101 GiB is 91 days old and no image needs it",
		"monthly_cost_usd": 5.05,
		"path": "created",
	}} with input as of("2026-04-01T00:00:00Z", "standard", [], ["Name"])
}

test_passes_when_it_is_young if snapshot_old.deny == set() with input as of("2026-04-02T00:00:01Z", "standard", [], [])

test_passes_when_an_image_needs_it if {
	snapshot_old.deny == set() with input as of("2024-01-01T00:00:00Z", "standard", ["ami-0a1b2c3d4e5f60718"], [])
}

test_what_is_archived_or_managed_is_not_judged if {
	not snapshot_old.applicable with input as of("2024-01-01T00:00:00Z", "archive", [], [])
	not snapshot_old.applicable with input as of("2024-01-01T00:00:00Z", "standard", [], ["aws:backup:source-resource"])
	not snapshot_old.applicable with input as of("2024-01-01T00:00:00Z", "standard", [], ["aws:dlm:lifecycle-policy-id"])
	not snapshot_old.applicable with input as of(null, "standard", [], [])
}
