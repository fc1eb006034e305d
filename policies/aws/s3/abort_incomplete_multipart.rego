# METADATA
# title: S3 buckets abort incomplete multipart uploads
# description: >-
#   The parts of an upload that was never finished are invisible in the console and billed like
#   objects, for ever. One lifecycle rule for the whole bucket that aborts such uploads after a few
#   days costs nothing and harms nobody. Whether the bucket holds such parts at this moment is not
#   looked at.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_s3_bucket
# custom:
#   severity: low
#   category: cost
#   types: [aws_s3_bucket]
#   plan: "yes"
#   params:
#     max_days:
#       type: number
#       default: 7
#       description: >-
#         Days after which an unfinished upload must be gone.
#   remediation: >-
#     Add a rule with an empty filter, so that it holds for the whole bucket, to the bucket's
#     lifecycle configuration.
#   terraform: |
#     resource "aws_s3_bucket_lifecycle_configuration" "example" {
#       bucket = aws_s3_bucket.example.id
#
#       rule {
#         id     = "abort-incomplete-uploads"
#         status = "Enabled"
#
#         filter {}
#
#         abort_incomplete_multipart_upload {
#           days_after_initiation = 7
#         }
#       }
#     }
package metsuke.aws.s3.abort_incomplete_multipart

deny contains {"message": message, "path": "lifecycle_rule"} if {
	not aborted
	message := sprintf("no enabled rule for the whole bucket aborts incomplete multipart uploads within %d days", [input.params.max_days])
}

aborted if {
	some rule in input.resource.attributes.lifecycle_rule
	rule.status == "Enabled"
	rule.prefix == ""
	count(rule.tags) == 0
	rule.object_size_greater_than == null
	rule.object_size_less_than == null
	days := rule.abort_incomplete_multipart_upload.days_after_initiation
	is_number(days)
	days <= input.params.max_days
}
