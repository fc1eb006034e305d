package metsuke.aws.iam.password_reuse_test

import data.metsuke.aws.iam.password_reuse

of(history) := {"resource": {"attributes": {"password_reuse_prevention": history}}, "params": {"min_history": 24}}

test_fails_without_history if {
	password_reuse.deny == {{"message": "former passwords may be used again at once", "path": "password_reuse_prevention"}} with input as of(null)
}

test_fails_for_a_short_history if {
	password_reuse.deny == {{"message": "5 former passwords are remembered, fewer than 24", "path": "password_reuse_prevention"}} with input as of(5)
}

test_passes_for_a_long_one if password_reuse.deny == set() with input as of(24)
