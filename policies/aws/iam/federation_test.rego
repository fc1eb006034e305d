package metsuke.aws.iam.federation_test

import data.metsuke.aws.iam.federation

of(saml, center, users) := {
	"resource": {"attributes": {"saml_providers": saml, "identity_center_instances": center, "console_users": users}},
	"params": {"max_console_users": 2},
}

test_fails_without_a_provider if {
	federation.deny == {{
		"message": "people cannot sign in through a directory: there is neither a SAML provider nor IAM Identity Center",
		"path": "saml_providers", "key": "provider",
	}} with input as of([], [], 0)
}

test_fails_for_many_console_users if {
	federation.deny == {{"message": "3 IAM users have a console password, more than 2", "path": "console_users", "key": "users"}} with input as
		of(["arn:aws:iam::1:saml-provider/p"], [], 3)
}

test_passes_with_either_provider_and_few_users if {
	federation.deny == set() with input as of(["arn:aws:iam::1:saml-provider/p"], [], 2)
	federation.deny == set() with input as of([], ["arn:aws:sso:::instance/i"], 0)
}
