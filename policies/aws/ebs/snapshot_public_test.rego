package metsuke.aws.ebs.snapshot_public_test

import data.metsuke.aws.ebs.snapshot_public

of(public) := {"resource": {"attributes": {"public": public}}}

test_fails_when_it_is_shared_with_everybody if {
	snapshot_public.deny == {{
		"message": "every AWS account may create volumes from the snapshot",
		"path": "public",
	}} with input as of(true)
}

test_passes_when_it_is_not if snapshot_public.deny == set() with input as of(false)
