# METADATA
# title: S3 Block Public Access is fully on for every bucket
# description: >-
#   Block Public Access is the one switch that keeps a bucket private whatever its ACL and policy come
#   to say later: a slip in either then exposes nothing. Each of the four settings has to be on for
#   the bucket or for its account, since S3 applies the stricter of the two. A plan shows the
#   account's settings only if it declares them itself; that S3 turns the block on for new buckets by
#   default is not counted, because nothing then keeps it on.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_s3_bucket
# custom:
#   severity: high
#   category: security
#   types: [aws_s3_bucket]
#   plan: "yes"
#   params:
#     accept_account_level:
#       type: boolean
#       default: true
#       description: >-
#         Whether a setting that is on for the account counts for its buckets.
#   frameworks:
#     cis-aws-3.0: ["2.1.4"]
#     cis-aws-5.0: ["2.1.4"]
#     cis-aws-7.0: ["3.1.4"]
#     fsbp: ["S3.8"]
#   remediation: >-
#     Set all four arguments of an aws_s3_bucket_public_access_block to true for the bucket or,
#     better, of one aws_s3_account_public_access_block for the whole account. Serve what has to be
#     public through CloudFront with origin access control.
#   terraform: |
#     resource "aws_s3_bucket_public_access_block" "example" {
#       bucket = aws_s3_bucket.example.id
#
#       block_public_acls       = true
#       block_public_policy     = true
#       ignore_public_acls      = true
#       restrict_public_buckets = true
#     }
package metsuke.aws.s3.bucket_public_access_block

settings := ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]

deny contains {"message": message, "path": "public_access_block", "defects": off} if {
	not everything_blocked
	off := [setting | some setting in settings; not in_effect(setting)]
	message := sprintf("not in effect for the bucket: %s", [concat(", ", off)])
}

# Each setting is named so that the bucket's own settings can decide it when nobody
# knows the account's.
everything_blocked if {
	in_effect("block_public_acls")
	in_effect("block_public_policy")
	in_effect("ignore_public_acls")
	in_effect("restrict_public_buckets")
}

in_effect(setting) if input.resource.attributes.public_access_block[setting] == true

in_effect(setting) if {
	input.params.accept_account_level
	input.resource.attributes.account_public_access_block[setting] == true
}
