# METADATA
# title: A multi-Region trail records management events in the account
# description: >-
#   Without a record of management events nobody can tell who created, opened or deleted what, and an
#   intruder works in the one Region that nobody watches. One trail, the account's own or its
#   organization's, has to record reads and writes in all Regions and be switched on. Where the
#   account has no trail of its own the finding is about the account. A plan shows neither trails
#   outside of it nor those of the organization, so there the finding says what its own trail lacks.
# scope: package
# custom:
#   severity: high
#   category: security
#   types: [aws_account, aws_cloudtrail]
#   plan: "partial"
#   uses: {aws_cloudtrail: [advanced_event_selector, enable_logging, event_selector, is_multi_region_trail], aws_cloudtrail_organization_trail: [advanced_event_selector, enable_logging, event_selector, is_multi_region_trail]}
#   frameworks:
#     cis-aws-3.0: ["3.1"]
#     cis-aws-5.0: ["3.1"]
#     cis-aws-7.0: ["4.1"]
#     fsbp: ["CloudTrail.1"]
#     pci-dss-4.0: ["10.2.1.1", "10.2.1.2", "10.2.1.3", "10.2.1.4", "10.2.1.5", "10.2.1.6", "10.2.1.7", "10.2.2", "10.3.1", "10.6.3"]
#   remediation: >-
#     Make the trail multi-Region and leave out event selectors. Best is one trail for the organization
#     in the management account, with is_organization_trail.
#   terraform: |
#     resource "aws_cloudtrail" "example" {
#       name                  = "example"
#       s3_bucket_name        = aws_s3_bucket.example.id
#       is_multi_region_trail = true
#       # Without event selectors the trail records all management events.
#     }
package metsuke.aws.cloudtrail.multi_region

import data.metsuke.lib.cloudtrail

# The account itself is judged only when it has no trail that could be.
applicable if input.resource.type == "aws_cloudtrail"

applicable if {
	input.resource.type == "aws_account"
	count(input.related.aws_cloudtrail) == 0
}

deny contains {"message": "no trail of the account or its organization records all management events in every Region"} if {
	input.resource.type == "aws_account"
	not recorded
}

deny contains {"message": message, "path": "is_multi_region_trail", "defects": lacks} if {
	trail := input.related.aws_cloudtrail[input.resource.id]
	not recorded
	lacks := shortcomings(trail.attributes)
	message := sprintf("no trail records all management events in every Region: this trail %s", [concat(", ", lacks)])
}

recorded if {
	some trail in input.related.aws_cloudtrail
	cloudtrail.records(trail.attributes, "management")
}

recorded if {
	some trail in input.related.aws_cloudtrail_organization_trail
	cloudtrail.records(trail.attributes, "management")
}

shortcomings(trail) := [text |
	some text, present in {
		"covers one Region": trail.is_multi_region_trail,
		"is switched off": trail.enable_logging,
		"does not select them": cloudtrail.selected(trail.event_selector, trail.advanced_event_selector, "management"),
	}
	not present
]
