package metsuke.aws.ec2.imdsv2_test

import data.metsuke.aws.ec2.imdsv2

of(endpoint, tokens) := {"resource": {"attributes": {"metadata_options": {"http_endpoint": endpoint, "http_tokens": tokens}}}}

test_fails_where_a_token_is_optional if {
	imdsv2.deny == {{
		"message": "the metadata service answers without a session token (IMDSv1)",
		"path": "metadata_options.http_tokens",
	}} with input as of("enabled", "optional")
}

test_passes_where_a_token_is_required if imdsv2.deny == set() with input as of("enabled", "required")

test_passes_without_a_metadata_service if imdsv2.deny == set() with input as of("disabled", "optional")
