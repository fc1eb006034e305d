package metsuke.aws.iam.server_certificate_expired_test

import data.metsuke.aws.iam.server_certificate_expired

of(expiration) := {
	"now": "2026-07-01T00:00:00Z",
	"resource": {"attributes": {"expiration": expiration}},
	"params": {"warn_days": 30},
}

test_fails_when_expired if {
	server_certificate_expired.deny == {{"message": "the certificate expired on 2025-03-14", "path": "expiration"}} with input as of("2025-03-14T12:00:00Z")
}

test_warns_before if {
	server_certificate_expired.deny == {{"message": "the certificate expires on 2026-07-20, in 19 days", "path": "expiration", "severity": "medium"}} with input as
		of("2026-07-20T23:59:59Z")
}

test_passes_long_before if server_certificate_expired.deny == set() with input as of("2027-01-10T23:59:59Z")
