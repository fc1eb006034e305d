package metsuke.aws.iam.root_mfa_test

import data.metsuke.aws.iam.root_mfa

of(mfa, password, managed) := {"resource": {"attributes": {
	"root_mfa_enabled": mfa,
	"root_credentials": {"password_enabled": password},
	"root_credentials_managed": managed,
}}}

finding := {{"message": "the root user has no MFA device", "path": "root_mfa_enabled"}}

test_fails_without_mfa if {
	root_mfa.deny == finding with input as of(false, true, false)
	root_mfa.deny == finding with input as of(false, true, true)
	root_mfa.deny == finding with input as of(false, false, false)
	root_mfa.deny == finding with input as of(false, null, true)
}

test_passes_with_mfa_or_without_anything_to_sign_in_with if {
	root_mfa.deny == set() with input as of(true, true, false)
	root_mfa.deny == set() with input as of(false, false, true)
}
