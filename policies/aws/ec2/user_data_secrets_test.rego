package metsuke.aws.ec2.user_data_secrets_test

import data.metsuke.aws.ec2.user_data_secrets

of(user_data) := {"resource": {"attributes": {"user_data": user_data}}}

test_fails_for_each_kind_of_secret if {
	user_data_secrets.deny == {
		{"key": "private key", "message": "user data holds a secret (private key)", "path": "user_data"},
		{"key": "password", "message": "user data holds a secret (password)", "path": "user_data"},
	} with input as of({"secrets": ["private key", "password", "password"]})
}

test_passes_without_secrets if user_data_secrets.deny == set() with input as of({"secrets": []})

test_passes_without_user_data if user_data_secrets.deny == set() with input as of(null)
