package metsuke.aws.ec2.instance_profile_test

import data.metsuke.aws.ec2.instance_profile

of(profile, keys) := {
	"resource": {"attributes": {"iam_instance_profile": profile}, "tag_keys": keys},
	"params": {"no_aws_access_tag": "NoAwsAccess"},
}

test_fails_without_a_profile if {
	instance_profile.deny == {{
		"message": "the instance has no instance profile",
		"path": "iam_instance_profile",
	}} with input as of(null, ["Name", "noawsaccess"])
}

test_passes_with_a_profile if instance_profile.deny == set() with input as of("app", [])

test_passes_where_the_tag_says_that_none_is_needed if {
	instance_profile.deny == set() with input as of(null, ["Name", "NoAwsAccess"])
}
