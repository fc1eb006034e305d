# METADATA
# title: No S3 bucket ACL grants access to everyone
# description: >-
#   An ACL that grants something to the group AllUsers opens the bucket to the internet, and one that
#   grants it to AuthenticatedUsers to everybody with any AWS account at all. Such grants are left
#   over from the days before bucket policies and are easily overlooked. They are harmless only where
#   ACLs are turned off or public ones are ignored.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_s3_bucket
# custom:
#   severity: critical
#   category: security
#   types: [aws_s3_bucket]
#   plan: "yes"
#   frameworks:
#     fsbp: ["S3.2", "S3.3"]
#     pci-dss-4.0: ["1.2.8", "1.3.1", "1.3.2", "1.4.2", "3.5.1.3", "10.3.2"]
#   remediation: >-
#     Turn ACLs off, take the aws_s3_bucket_acl away with them, and set ignore_public_acls on the
#     bucket or the account. Grant access in the bucket policy instead.
#   terraform: |
#     resource "aws_s3_bucket_ownership_controls" "example" {
#       bucket = aws_s3_bucket.example.id
#
#       rule {
#         object_ownership = "BucketOwnerEnforced"
#       }
#     }
package metsuke.aws.s3.bucket_public_acl

import data.metsuke.lib.s3

deny contains {"message": message, "path": "grant", "key": grant.uri, "defects": grant.permissions, "severity": severity(grant)} if {
	not s3.in_effect(
		"ignore_public_acls",
		input.resource.attributes.public_access_block,
		input.resource.attributes.account_public_access_block,
	)
	not s3.acls_off(input.resource.attributes.object_ownership)
	some grant in input.resource.attributes.grant
	who := s3.public_groups[grant.uri]
	message := sprintf("the ACL grants %s to %s", [concat(", ", grant.permissions), who])
}

severity(grant) := "critical" if writes(grant.permissions)
else := "high"

writes(permissions) if {
	some permission in permissions
	permission in {"WRITE", "WRITE_ACP", "FULL_CONTROL"}
}
