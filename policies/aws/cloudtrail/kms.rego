# METADATA
# title: CloudTrail logs are encrypted with a KMS key
# description: >-
#   Log files that are encrypted with a key of the company's own can be read only by those who may
#   also use the key, so that a slip in the bucket's policy alone does not publish who did what. The
#   use of the key is recorded, too. Without a key S3 encrypts with keys of its own, and whoever can
#   read the bucket can read the logs.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_cloudtrail
# custom:
#   severity: medium
#   category: security
#   types: [aws_cloudtrail]
#   plan: "yes"
#   frameworks:
#     cis-aws-3.0: ["3.5"]
#     cis-aws-5.0: ["3.5"]
#     cis-aws-7.0: ["4.5"]
#     fsbp: ["CloudTrail.2"]
#     pci-dss-4.0: ["8.3.2", "10.3.2", "10.3.3", "10.3.4"]
#   remediation: >-
#     Set kms_key_id of the aws_cloudtrail to a key whose policy lets cloudtrail.amazonaws.com use it
#     under a condition on the trail's ARN.
#   terraform: |
#     data "aws_caller_identity" "current" {}
#
#     resource "aws_kms_key" "example" {
#       enable_key_rotation = true
#       policy = jsonencode({
#         Version = "2012-10-17"
#         Statement = [
#           { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }, Action = "kms:*", Resource = "*" },
#           {
#             Effect    = "Allow"
#             Principal = { Service = "cloudtrail.amazonaws.com" }
#             Action    = ["kms:DescribeKey", "kms:GenerateDataKey*"]
#             Resource  = "*"
#             Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:cloudtrail:*:${data.aws_caller_identity.current.account_id}:trail/example" } }
#           },
#         ]
#       })
#     }
#
#     resource "aws_cloudtrail" "example" {
#       name           = "example"
#       s3_bucket_name = aws_s3_bucket.example.id
#       kms_key_id     = aws_kms_key.example.arn
#     }
package metsuke.aws.cloudtrail.kms

deny contains {"message": "the log files are not encrypted with a KMS key", "path": "kms_key_id"} if {
	input.resource.attributes.kms_key_id == null
}
