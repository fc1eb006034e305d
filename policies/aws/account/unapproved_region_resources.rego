# METADATA
# title: Resources exist only in approved Regions
# description: >-
#   Where a company may keep data is settled by contracts and law, and guard rails such as logging and
#   threat detection are often on only where somebody works. A resource elsewhere is a mistake in a
#   console's menu or an attacker's choice. Global services have no Region and are not judged, and neither
#   are the default VPCs that AWS puts into every Region, nor their default security groups. Nothing is
#   judged until the approved Regions are configured.
# scope: package
# custom:
#   severity: medium
#   category: security
#   types: ["aws_*"]
#   plan: "yes"
#   params:
#     allowed_regions: {type: list, default: [], description: "Approved Regions, or patterns such as eu-*."}
#     global_types:
#       type: list
#       default: [aws_iam_*, aws_cloudfront_*, aws_route53_zone, aws_route53_health_check, aws_organizations_*, aws_globalaccelerator_*, aws_shield_*]
#       description: Types of services that have no Region, whatever a provider block says.
#   remediation: >-
#     Move the resource or delete it, and deny the other Regions with a service control policy on
#     aws:RequestedRegion.
#   terraform: |
#     # Before version 6 of the AWS provider the Region is the provider block's.
#     resource "aws_s3_bucket" "example" {
#       bucket = "example"
#       region = "eu-central-1"
#     }
package metsuke.aws.account.unapproved_region_resources

import data.metsuke.lib.tags

applicable if {
	tags.selected(input.resource.type, ["aws_*"], input.params.global_types)
	count(input.params.allowed_regions) > 0
	input.resource.region != ""
	not came_with_the_account
}

# Apart and in this order, so that tags that could not be read leave only VPCs open.
came_with_the_account if {
	input.resource.type in {"aws_security_group", "aws_vpc"}
	tags.came_with_the_account(input.resource.type, input.resource.name, input.resource.tag_keys)
}

deny contains {"message": message, "path": "region"} if {
	not tags.selected(input.resource.region, input.params.allowed_regions, [])
	message := sprintf("is in %s, which is not an approved Region", [input.resource.region])
}
