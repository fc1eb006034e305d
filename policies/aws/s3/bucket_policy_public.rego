# METADATA
# title: No S3 bucket policy grants access to everyone
# description: >-
#   A bucket policy that lets anybody in publishes what the bucket holds, and where it allows writing
#   lets strangers plant or delete data at the company's expense. For a live bucket the verdict is
#   S3's own (its policy status); in a plan, where S3 has not seen the policy yet, a statement is
#   public when it speaks of every principal and no condition ties it to fixed callers, networks or
#   sources. A policy is harmless while restrict_public_buckets is in effect.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_s3_bucket
# custom:
#   severity: critical
#   category: security
#   types: [aws_s3_bucket]
#   plan: "yes"
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
#         Condition keys, in lower case, that tie a statement to fixed callers, networks or sources.
#   frameworks:
#     cis-aws-7.0: ["2.21"]
#     fsbp: ["S3.3"]
#   remediation: >-
#     Name the principals in the statement, or tie it to the organisation or network with a condition
#     such as aws:PrincipalOrgID or aws:SourceVpce. Publish files through CloudFront with origin
#     access control, and set restrict_public_buckets in an aws_s3_bucket_public_access_block.
#   terraform: |
#     data "aws_iam_policy_document" "example" {
#       statement {
#         actions   = ["s3:GetObject"]
#         resources = ["${aws_s3_bucket.example.arn}/*"]
#
#         principals {
#           type        = "AWS"
#           identifiers = ["arn:aws:iam::111122223333:role/reader"]
#         }
#       }
#     }
#
#     resource "aws_s3_bucket_policy" "example" {
#       bucket = aws_s3_bucket.example.id
#       policy = data.aws_iam_policy_document.example.json
#     }
package metsuke.aws.s3.bucket_policy_public

import data.metsuke.lib.iam
import data.metsuke.lib.s3

deny contains {"message": message, "path": "policy", "key": label, "defects": {part | some part in parts(statement)}} if {
	input.resource.attributes.policy_is_public != false
	not s3.in_effect(
		"restrict_public_buckets",
		input.resource.attributes.public_access_block,
		input.resource.attributes.account_public_access_block,
	)
	some index, statement in input.resource.attributes.policy.statements
	iam.addresses_everybody(statement, input.params.restricting_keys)
	not fenced(statement)
	iam.allows_any(statement, write_actions)
	label := iam.label(index, statement)
	message := sprintf("%s of the bucket policy lets everyone write", [label])
}

deny contains {"message": message, "path": "policy", "key": label, "severity": "high", "defects": {part | some part in parts(statement)}} if {
	input.resource.attributes.policy_is_public != false
	not s3.in_effect(
		"restrict_public_buckets",
		input.resource.attributes.public_access_block,
		input.resource.attributes.account_public_access_block,
	)
	some index, statement in input.resource.attributes.policy.statements
	iam.addresses_everybody(statement, input.params.restricting_keys)
	not fenced(statement)
	not iam.allows_any(statement, write_actions)
	label := iam.label(index, statement)
	message := sprintf("%s of the bucket policy lets everyone read", [label])
}

deny contains {"message": "S3 holds the bucket policy to be public", "path": "policy"} if {
	input.resource.attributes.policy_is_public == true
	not s3.in_effect(
		"restrict_public_buckets",
		input.resource.attributes.public_access_block,
		input.resource.attributes.account_public_access_block,
	)
	not seen
}

parts(statement) := iam.actions(statement) | iam.resources(statement)

# seen says that a statement shows what S3 means.
seen if {
	some statement in input.resource.attributes.policy.statements
	iam.addresses_everybody(statement, input.params.restricting_keys)
	not fenced(statement)
}

# fenced says that another statement turns everybody away again.
fenced(statement) if {
	some other in input.resource.attributes.policy.statements
	iam.fences(other, statement, input.params.restricting_keys)
}

write_actions := {
	"s3:bypassgovernanceretention", "s3:deletebucket", "s3:deletebucketpolicy", "s3:deleteobject",
	"s3:deleteobjectversion", "s3:putaccelerateconfiguration", "s3:putbucketacl", "s3:putbucketpolicy",
	"s3:putbucketpublicaccessblock", "s3:putbucketversioning", "s3:putencryptionconfiguration",
	"s3:putlifecycleconfiguration", "s3:putobject", "s3:putobjectacl", "s3:putobjectretention",
	"s3:putobjecttagging", "s3:putobjectversionacl", "s3:putreplicationconfiguration", "s3:replicatedelete",
	"s3:replicateobject", "s3:restoreobject",
}
