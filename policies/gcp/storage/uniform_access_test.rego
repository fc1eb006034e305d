package metsuke.gcp.storage.uniform_access_test

import data.metsuke.gcp.storage.uniform_access

bucket(on) := {"resource": {"attributes": {"uniform_bucket_level_access": on}}}

test_access_lists_fail if {
	uniform_access.deny == {{
		"message": "objects can carry access lists of their own",
		"path": "uniform_bucket_level_access",
	}} with input as bucket(false)
}

test_uniform_access_passes if {
	uniform_access.deny == set() with input as bucket(true)
}
