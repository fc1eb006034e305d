package metsuke.aws.lambda.runtime_supported_test

import data.metsuke.aws.lambda.runtime_supported

of(runtime, now) := {
	"resource": {"attributes": {"package_type": "Zip", "runtime": runtime}},
	"params": {"warn_days": 90, "runtime_deprecations": {"python3.9": "2025-12-15"}},
	"now": now,
}

past := {{"message": "runtime python3.9 is deprecated since 2025-12-15", "path": "runtime"}}

soon := {{"message": "runtime python3.9 is deprecated from 2025-12-15 on", "path": "runtime", "severity": "low", "key": "soon"}}

test_fails_from_the_day_on if {
	runtime_supported.deny == past with input as of("python3.9", "2025-12-15T00:00:00Z")
	runtime_supported.deny == past with input as of("python3.9", "2027-01-01T00:00:00Z")
}

test_warns_before if {
	runtime_supported.deny == soon with input as of("python3.9", "2025-12-14T23:59:59Z")
	runtime_supported.deny == soon with input as of("python3.9", "2025-09-16T00:00:00Z")
}

test_passes_long_before_and_without_a_date if {
	runtime_supported.deny == set() with input as of("python3.9", "2025-09-15T23:59:59Z")
	runtime_supported.deny == set() with input as of("python4.0", "2027-01-01T00:00:00Z")
}

test_speaks_of_zip_files_only if {
	runtime_supported.applicable with input as of("python3.9", "2025-12-15T00:00:00Z")
	not runtime_supported.applicable with input as {"resource": {"attributes": {"package_type": "Image", "runtime": null}}}
}
