package metsuke.aws.iam.user_console_mfa_test

import data.metsuke.aws.iam.user_console_mfa

of(password, mfa) := {"resource": {"attributes": {"password_enabled": password, "mfa_active": mfa}}}

test_fails_with_a_password_alone if {
	user_console_mfa.deny == {{"message": "the user has a console password and no MFA device", "path": "mfa_active"}} with input as of(true, false)
}

test_passes_with_mfa_or_without_a_password if {
	user_console_mfa.deny == set() with input as of(true, true)
	user_console_mfa.deny == set() with input as of(false, false)
}
