# METADATA
# title: The CloudTrail bucket is not public
# description: >-
#   The audit log names every user, role, key id and address that the account works with. A public
#   bucket hands that to whoever plans the next step, and one that everyone can write to makes the log
#   worthless as evidence. The trail fails where its bucket's ACL or policy lets everyone in, judged
#   as in the policies on buckets. A bucket of another account is left to that account.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_cloudtrail
# custom:
#   severity: critical
#   category: security
#   types: [aws_cloudtrail]
#   plan: "partial"
#   uses: {aws_s3_bucket: [account_public_access_block, grant, object_ownership, policy, policy_is_public, public_access_block]}
#   params:
#     restricting_keys:
#       type: list
#       default:
#         - aws:principalaccount
#         - aws:principalarn
#         - aws:principalorgid
#         - aws:principalorgpaths
#         - aws:sourceaccount
#         - aws:sourcearn
#         - aws:sourceip
#         - aws:sourceorgid
#         - aws:sourceorgpaths
#         - aws:sourceowner
#         - aws:sourcevpc
#         - aws:sourcevpce
#         - s3:dataaccesspointaccount
#       description: >-
#         Condition keys, in lower case, that tie a statement of the bucket's policy to fixed callers,
#         networks or sources.
#   remediation: >-
#     Put an aws_s3_bucket_public_access_block with all four settings on the trail's bucket, and let
#     the bucket's policy name cloudtrail.amazonaws.com with a condition on aws:SourceArn and nobody
#     else.
#   terraform: |
#     resource "aws_s3_bucket_public_access_block" "example" {
#       bucket = aws_s3_bucket.example.id
#
#       block_public_acls       = true
#       block_public_policy     = true
#       ignore_public_acls      = true
#       restrict_public_buckets = true
#     }
package metsuke.aws.cloudtrail.bucket_public

import data.metsuke.lib.s3

applicable if {
	some bucket in input.related.aws_s3_bucket
	bucket.name == input.resource.attributes.s3_bucket_name
}

deny contains {"message": message, "path": "s3_bucket_name", "key": "acl"} if {
	some bucket in input.related.aws_s3_bucket
	bucket.name == input.resource.attributes.s3_bucket_name
	s3.acl_public(
		bucket.attributes.grant,
		bucket.attributes.object_ownership,
		bucket.attributes.public_access_block,
		bucket.attributes.account_public_access_block,
	)
	message := sprintf("the ACL of the trail's bucket %s grants access to everyone", [bucket.name])
}

deny contains {"message": message, "path": "s3_bucket_name", "key": "policy"} if {
	some bucket in input.related.aws_s3_bucket
	bucket.name == input.resource.attributes.s3_bucket_name
	s3.policy_public(
		bucket.attributes.policy,
		bucket.attributes.policy_is_public,
		input.params.restricting_keys,
		bucket.attributes.public_access_block,
		bucket.attributes.account_public_access_block,
	)
	message := sprintf("the policy of the trail's bucket %s lets everyone in", [bucket.name])
}
