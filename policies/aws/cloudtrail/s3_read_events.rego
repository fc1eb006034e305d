# METADATA
# title: Object-level read events of all buckets are recorded
# description: >-
#   Who read which object is the first question after a leak, and only data events answer it. They
#   count when they are recorded for all buckets and Regions: selectors that name some buckets, or
#   narrow events down further, do not. CloudTrail bills data events by their number, and reads are
#   many; exclude buckets knowingly rather than by default.
# scope: package
# custom:
#   severity: low
#   category: security
#   types: [aws_account, aws_cloudtrail]
#   plan: "yes"
#   uses: {aws_cloudtrail: [advanced_event_selector, enable_logging, event_selector, is_multi_region_trail], aws_cloudtrail_organization_trail: [advanced_event_selector, enable_logging, event_selector, is_multi_region_trail]}
#   frameworks:
#     cis-aws-3.0: ["3.9"]
#     cis-aws-5.0: ["3.9"]
#     cis-aws-7.0: ["4.9"]
#   remediation: >-
#     Select the data events of AWS::S3::Object in the multi-Region trail, without a selector on
#     readOnly or with readOnly equals true.
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
package metsuke.aws.cloudtrail.s3_read_events

import data.metsuke.lib.cloudtrail

# The account itself is judged only when it has no trail that could be.
applicable if input.resource.type == "aws_cloudtrail"

applicable if {
	input.resource.type == "aws_account"
	count(input.related.aws_cloudtrail) == 0
}

deny contains {"message": "no trail of the account or its organization records the reads of objects in all buckets"} if {
	input.resource.type == "aws_account"
	not recorded
}

deny contains {"message": message, "path": "event_selector", "defects": lacks} if {
	trail := input.related.aws_cloudtrail[input.resource.id]
	not recorded
	lacks := shortcomings(trail.attributes)
	message := sprintf("no trail records the reads of objects in all buckets: this trail %s", [concat(", ", lacks)])
}

recorded if {
	some trail in input.related.aws_cloudtrail
	cloudtrail.records(trail.attributes, "s3 reads")
}

recorded if {
	some trail in input.related.aws_cloudtrail_organization_trail
	cloudtrail.records(trail.attributes, "s3 reads")
}

shortcomings(trail) := [text |
	some text, present in {
		"covers one Region": trail.is_multi_region_trail,
		"is switched off": trail.enable_logging,
		"does not select them": cloudtrail.selected(trail.event_selector, trail.advanced_event_selector, "s3 reads"),
	}
	not present
]
