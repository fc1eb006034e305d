package metsuke.aws.iam.password_length_test

import data.metsuke.aws.iam.password_length

of(length) := {"resource": {"attributes": {"minimum_password_length": length}}, "params": {"min_length": 14}}

test_fails_without_a_policy if {
	password_length.deny == {{"message": "the account has no password policy of its own", "path": "minimum_password_length"}} with input as of(null)
}

test_fails_for_short_passwords if {
	password_length.deny == {{"message": "passwords may have 13 characters, fewer than 14", "path": "minimum_password_length"}} with input as of(13)
}

test_passes_for_long_ones if password_length.deny == set() with input as of(14)
