# METADATA
# title: S3 buckets have an enabled lifecycle rule
# description: >-
#   A bucket without lifecycle rules only ever grows, and most of what is paid for is never read
#   again. Even where nothing may be deleted, a rule that moves old objects to a cheaper class pays.
#   How many objects a bucket holds is not looked at, so empty buckets are judged too. Name Terraform
#   state buckets, and others that are meant to stay as they are, in exempt_buckets.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_s3_bucket
# custom:
#   severity: medium
#   category: cost
#   types: [aws_s3_bucket]
#   plan: "yes"
#   params:
#     exempt_buckets:
#       type: list
#       default: []
#       description: >-
#         Names of buckets that need no lifecycle rule.
#   frameworks:
#     fsbp: ["S3.13"]
#     pci-dss-4.0: ["3.2.1", "3.3.1.1", "3.3.2", "3.3.3", "10.5.1"]
#   remediation: >-
#     Add an aws_s3_bucket_lifecycle_configuration with at least one enabled rule: expire what has a
#     retention period, move the rest to STANDARD_IA or INTELLIGENT_TIERING, and abort incomplete
#     multipart uploads.
#   terraform: |
#     resource "aws_s3_bucket_lifecycle_configuration" "example" {
#       bucket = aws_s3_bucket.example.id
#
#       rule {
#         id     = "cheaper-after-a-month"
#         status = "Enabled"
#
#         filter {}
#
#         transition {
#           days          = 30
#           storage_class = "STANDARD_IA"
#         }
#
#         abort_incomplete_multipart_upload {
#           days_after_initiation = 7
#         }
#       }
#     }
package metsuke.aws.s3.lifecycle_missing

applicable if not input.resource.name in input.params.exempt_buckets

deny contains {"message": "the bucket has no lifecycle rules", "path": "lifecycle_rule"} if {
	not any_enabled # asked first, as it is known of rules of which a part is not
	input.resource.attributes.lifecycle_rule == null
}

deny contains {"message": "none of the bucket's lifecycle rules is enabled", "path": "lifecycle_rule"} if {
	is_array(input.resource.attributes.lifecycle_rule)
	not any_enabled
}

any_enabled if {
	some rule in input.resource.attributes.lifecycle_rule
	rule.status == "Enabled"
}
