# METADATA
# title: Versioned S3 buckets require MFA to delete versions
# description: >-
#   With MFA delete, removing a version of an object for good, or turning versioning off, takes the
#   root user's second factor, so that a stolen key cannot destroy data and its history. S3 does not
#   allow it together with lifecycle rules, and only the root user can turn it on; buckets with rules
#   are therefore left out unless told otherwise. Which buckets are CloudTrail targets is seen only
#   for trails of the same account.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_s3_bucket
# custom:
#   severity: low
#   category: security
#   types: [aws_s3_bucket]
#   plan: "partial"
#   uses: {aws_cloudtrail: [s3_bucket_name]}
#   params:
#     scope:
#       type: string
#       default: 'all'
#       description: >-
#         all: every bucket, as CIS words it. tagged: only buckets tagged DataClassification
#         restricted and those that receive a CloudTrail trail.
#     skip_with_lifecycle:
#       type: boolean
#       default: true
#       description: >-
#         Whether buckets with lifecycle rules, which cannot turn MFA delete on, are left out.
#   frameworks:
#     cis-aws-3.0: ["2.1.2"]
#     cis-aws-5.0: ["2.1.2"]
#     cis-aws-7.0: ["3.1.2"]
#     pci-dss-4.0: ["3.5.1.3", "8.4.1", "10.3.2"]
#   remediation: >-
#     As the root user with its MFA device, call put-bucket-versioning with MFADelete=Enabled.
#     Terraform can do it only with the mfa argument of aws_s3_bucket_versioning, so most keep it out
#     of Terraform. Where lifecycle rules matter more, protect versions with S3 Object Lock instead.
#   terraform: |
#     resource "aws_s3_bucket_versioning" "example" {
#       bucket = aws_s3_bucket.example.id
#       mfa    = var.mfa # the device's serial number, a space and its present code
#
#       versioning_configuration {
#         status     = "Enabled"
#         mfa_delete = "Enabled"
#       }
#     }
package metsuke.aws.s3.mfa_delete

applicable if {
	in_scope
	not lifecycle_stands_against_it
}

deny contains {"message": message, "path": "versioning.mfa_delete"} if {
	input.resource.attributes.versioning.mfa_delete == false
	message := sprintf("versions can be deleted without a second factor (versioning is %s)", [lower(input.resource.attributes.versioning.status)])
}

in_scope if input.params.scope == "all"

in_scope if {
	input.params.scope == "tagged"
	lower(input.resource.tags.DataClassification) == "restricted"
}

in_scope if {
	input.params.scope == "tagged"
	some trail in input.related.aws_cloudtrail
	trail.attributes.s3_bucket_name == input.resource.name
}

lifecycle_stands_against_it if {
	input.params.skip_with_lifecycle
	some _ in input.resource.attributes.lifecycle_rule
}
