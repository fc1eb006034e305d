# METADATA
# title: The CloudTrail bucket has server access logging
# description: >-
#   The bucket that holds the audit log is where somebody who has something to hide goes first. Its
#   access log tells who read or removed log files. The bucket is judged where it belongs: a trail
#   that writes to another account's bucket is left to that account.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_cloudtrail
# custom:
#   severity: low
#   category: security
#   types: [aws_cloudtrail]
#   plan: "partial"
#   uses: {aws_s3_bucket: [logging]}
#   frameworks:
#     cis-aws-3.0: ["3.4"]
#     cis-aws-5.0: ["3.4"]
#     cis-aws-7.0: ["4.4"]
#   remediation: >-
#     Add an aws_s3_bucket_logging for the trail's bucket, with a bucket for access logs as its
#     target.
#   terraform: |
#     resource "aws_s3_bucket_logging" "example" {
#       bucket        = aws_s3_bucket.example.bucket
#       target_bucket = aws_s3_bucket.access_logs.bucket
#       target_prefix = "cloudtrail/"
#     }
package metsuke.aws.cloudtrail.bucket_logging

applicable if {
	some bucket in input.related.aws_s3_bucket
	bucket.name == input.resource.attributes.s3_bucket_name
}

deny contains {"message": message, "path": "s3_bucket_name"} if {
	some bucket in input.related.aws_s3_bucket
	bucket.name == input.resource.attributes.s3_bucket_name
	not bucket.attributes.logging.target_prefix # known where the target is still to be created
	bucket.attributes.logging == null
	message := sprintf("the trail's bucket %s has no server access logging", [bucket.name])
}
