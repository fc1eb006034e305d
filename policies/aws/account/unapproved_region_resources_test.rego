package metsuke.aws.account.unapproved_region_resources_test

import data.metsuke.aws.account.unapproved_region_resources

of(type, name, region) := {
	"resource": {"id": "i", "type": type, "name": name, "region": region, "tags": {}, "tag_keys": []},
	"params": {"allowed_regions": ["eu-*"], "global_types": ["aws_iam_*"]},
}

test_fails_elsewhere if {
	unapproved_region_resources.applicable with input as of("aws_eip", "x", "us-east-1")
	unapproved_region_resources.deny == {{"message": "is in us-east-1, which is not an approved Region", "path": "region"}} with input as of("aws_eip", "x", "us-east-1")
}

test_passes_in_an_approved_region if {
	unapproved_region_resources.deny == set() with input as of("aws_eip", "x", "eu-central-1")
}

test_does_not_apply_to_what_has_no_region_or_came_with_it if {
	unapproved_region_resources.applicable with input as of("aws_vpc", "x", "us-east-1")
	not unapproved_region_resources.applicable with input as of("aws_vpc", "default", "us-east-1")
	not unapproved_region_resources.applicable with input as of("aws_security_group", "default", "us-east-1")
	not unapproved_region_resources.applicable with input as of("aws_iam_role", "x", "us-east-1")
	not unapproved_region_resources.applicable with input as of("aws_eip", "x", "")
	not unapproved_region_resources.applicable with input as of("google_project", "x", "us-east1")
}
