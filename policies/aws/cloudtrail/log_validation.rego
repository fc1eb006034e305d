# METADATA
# title: CloudTrail trails validate their log files
# description: >-
#   An intruder's first errand is to edit the log. With validation on, CloudTrail signs a digest of
#   each hour's log files, and a file that was changed or removed afterwards can be told. Each trail
#   is judged once, where it is at home; its copies in other Regions, and trails of the organisation
#   that another account owns, are not.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_cloudtrail
# custom:
#   severity: medium
#   category: security
#   types: [aws_cloudtrail]
#   plan: "yes"
#   frameworks:
#     cis-aws-3.0: ["3.2"]
#     cis-aws-5.0: ["3.2"]
#     cis-aws-7.0: ["4.2"]
#     fsbp: ["CloudTrail.4"]
#     pci-dss-4.0: ["10.3.2", "10.3.3", "10.3.4"]
#   remediation: >-
#     Set enable_log_file_validation = true on the aws_cloudtrail, and check the digests with the AWS
#     CLI's cloudtrail validate-logs.
#   terraform: |
#     resource "aws_cloudtrail" "example" {
#       name                       = "example"
#       s3_bucket_name             = aws_s3_bucket.example.id
#       enable_log_file_validation = true
#     }
package metsuke.aws.cloudtrail.log_validation

deny contains {"message": "changes to the log files cannot be detected: validation is off", "path": "enable_log_file_validation"} if {
	input.resource.attributes.enable_log_file_validation == false
}
