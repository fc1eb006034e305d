# METADATA
# title: Object-level write events of all buckets are recorded
# description: >-
#   Management events tell that a bucket was made, not that its objects were overwritten or deleted.
#   Only data events do, and without them the extent of a ransom or a leak stays a guess. They count
#   when they are recorded for all buckets and Regions: selectors that name some buckets, or narrow
#   events down further, do not. CloudTrail bills data events by their number.
# scope: package
# custom:
#   severity: low
#   category: security
#   types: [aws_account, aws_cloudtrail]
#   plan: "yes"
#   uses: {aws_cloudtrail: [advanced_event_selector, enable_logging, event_selector, is_multi_region_trail], aws_cloudtrail_organization_trail: [advanced_event_selector, enable_logging, event_selector, is_multi_region_trail]}
#   frameworks:
#     cis-aws-3.0: ["3.8"]
#     cis-aws-5.0: ["3.8"]
#     cis-aws-7.0: ["4.8"]
#     pci-dss-4.0: ["5.3.4", "10.2.1", "10.2.1.1", "10.2.1.2", "10.2.1.3", "10.2.1.4", "10.2.1.5", "10.2.1.6", "10.2.1.7", "10.2.2", "10.3.1", "10.6.3"]
#   remediation: >-
#     Select the data events of AWS::S3::Object in the multi-Region trail, with readOnly equals false
#     where reads are too many to pay for.
#   terraform: |
#     resource "aws_cloudtrail" "example" {
#       name                  = "example"
#       s3_bucket_name        = aws_s3_bucket.example.id
#       is_multi_region_trail = true
#
#       # Advanced selectors replace the default: management events have to be selected too.
#       advanced_event_selector {
#         field_selector {
#           field  = "eventCategory"
#           equals = ["Management"]
#         }
#       }
#
#       advanced_event_selector {
#         field_selector {
#           field  = "eventCategory"
#           equals = ["Data"]
#         }
#         field_selector {
#           field  = "resources.type"
#           equals = ["AWS::S3::Object"]
#         }
#       }
#     }
package metsuke.aws.cloudtrail.s3_write_events

import data.metsuke.lib.cloudtrail

# The account itself is judged only when it has no trail that could be.
applicable if input.resource.type == "aws_cloudtrail"

applicable if {
	input.resource.type == "aws_account"
	count(input.related.aws_cloudtrail) == 0
}

deny contains {"message": "no trail of the account or its organization records the writes of objects in all buckets"} if {
	input.resource.type == "aws_account"
	not recorded
}

deny contains {"message": message, "path": "event_selector", "defects": lacks} if {
	trail := input.related.aws_cloudtrail[input.resource.id]
	not recorded
	lacks := shortcomings(trail.attributes)
	message := sprintf("no trail records the writes of objects in all buckets: this trail %s", [concat(", ", lacks)])
}

recorded if {
	some trail in input.related.aws_cloudtrail
	cloudtrail.records(trail.attributes, "s3 writes")
}

recorded if {
	some trail in input.related.aws_cloudtrail_organization_trail
	cloudtrail.records(trail.attributes, "s3 writes")
}

shortcomings(trail) := [text |
	some text, present in {
		"covers one Region": trail.is_multi_region_trail,
		"is switched off": trail.enable_logging,
		"does not select them": cloudtrail.selected(trail.event_selector, trail.advanced_event_selector, "s3 writes"),
	}
	not present
]
