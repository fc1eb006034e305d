package metsuke.aws.cloudtrail.bucket_logging_test

import data.metsuke.aws.cloudtrail.bucket_logging

trail(logging) := {
	"resource": {"attributes": {"s3_bucket_name": "logs"}},
	"related": {"aws_s3_bucket": {
		"arn:aws:s3:::logs": {"name": "logs", "attributes": {"logging": logging}},
		"arn:aws:s3:::other": {"name": "other", "attributes": {"logging": null}},
	}},
}

test_fails_when_the_bucket_has_no_access_log if {
	bucket_logging.applicable with input as trail(null)
	bucket_logging.deny == {{"message": "the trail's bucket logs has no server access logging", "path": "s3_bucket_name"}} with input as trail(null)
}

test_passes_with_an_access_log if {
	bucket_logging.deny == set() with input as trail({"target_bucket": "access", "target_prefix": "logs/"})
}

test_says_nothing_of_a_bucket_of_another_account if {
	not bucket_logging.applicable with input as {
		"resource": {"attributes": {"s3_bucket_name": "elsewhere"}},
		"related": {"aws_s3_bucket": {}},
	}
}
