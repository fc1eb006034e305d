package metsuke.aws.iam.root_hardware_mfa_test

import data.metsuke.aws.iam.root_hardware_mfa

of(mfa, virtual, password, managed) := {"resource": {"attributes": {
	"root_mfa_enabled": mfa, "root_virtual_mfa": virtual,
	"root_credentials": {"password_enabled": password}, "root_credentials_managed": managed,
}}}

test_fails_without_mfa if {
	root_hardware_mfa.deny == {{"message": "the root user has no MFA device", "path": "root_mfa_enabled"}} with input as of(false, false, true, true)
}

test_fails_with_a_virtual_device if {
	root_hardware_mfa.deny == {{"message": "the root user signs in with a virtual MFA device", "path": "root_virtual_mfa"}} with input as
		of(true, true, true, false)
}

test_passes_with_hardware_or_without_anything_to_sign_in_with if {
	root_hardware_mfa.deny == set() with input as of(true, false, true, false)
	root_hardware_mfa.deny == set() with input as of(false, false, false, true)
}
