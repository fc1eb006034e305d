# METADATA
# title: S3 bucket policies deny plain HTTP
# description: >-
#   S3 answers plain HTTP unless the bucket policy refuses it, and then keys, signed URLs and data
#   cross the network in the clear. The policy has to deny every action to every principal for
#   requests without TLS, or for TLS older than 1.2, on all of the bucket's objects. A deny that
#   spares some callers counts only if those are AWS services.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_s3_bucket
# custom:
#   severity: medium
#   category: security
#   types: [aws_s3_bucket]
#   plan: "yes"
#   params:
#     require_bucket_arn:
#       type: boolean
#       default: false
#       description: >-
#         Whether the statement must also name the bucket itself, not only its objects.
#   frameworks:
#     cis-aws-3.0: ["2.1.1"]
#     cis-aws-5.0: ["2.1.1"]
#     cis-aws-7.0: ["3.1.1"]
#     fsbp: ["S3.5"]
#     pci-dss-4.0: ["1.2.5", "2.2.5", "2.2.7", "4.2.1", "4.2.1.1", "8.3.2"]
#   remediation: >-
#     Add a statement to the bucket policy that denies everything, on the bucket and on its objects,
#     to requests that come without TLS.
#   terraform: |
#     data "aws_iam_policy_document" "example" {
#       statement {
#         effect    = "Deny"
#         actions   = ["s3:*"]
#         resources = [aws_s3_bucket.example.arn, "${aws_s3_bucket.example.arn}/*"]
#
#         principals {
#           type        = "*"
#           identifiers = ["*"]
#         }
#
#         condition {
#           test     = "Bool"
#           variable = "aws:SecureTransport"
#           values   = ["false"]
#         }
#       }
#     }
#
#     resource "aws_s3_bucket_policy" "example" {
#       bucket = aws_s3_bucket.example.id
#       policy = data.aws_iam_policy_document.example.json
#     }
package metsuke.aws.s3.bucket_secure_transport

deny contains {"message": "the bucket has no policy, so nothing denies plain HTTP", "path": "policy"} if {
	not plain_http_denied
	input.resource.attributes.policy == null
}

deny contains {"message": message, "path": "policy"} if {
	not plain_http_denied
	has_policy
	message := "no statement of the bucket policy denies plain HTTP to everyone for every action and object"
}

# has_policy asks for one field, for a policy of which a part is unknown is known to be there.
has_policy if input.resource.attributes.policy.statements[0].effect

has_policy if input.resource.attributes.policy.statements == []

plain_http_denied if {
	some statement in input.resource.attributes.policy.statements
	statement.effect == "Deny"
	some principal in statement.principals
	principal.id == "*"
	some action in statement.actions
	action in {"*", "s3:*"}
	without_tls(statement.conditions)
	some resource in statement.resources
	regex.match(`^(\*|arn:[a-z-]+:s3:::([^/]*\*|[^/]+/\*))$`, resource)
	bucket_covered(statement.resources)
}

without_tls(conditions) if {
	some condition in conditions
	insecure(condition)
	every other in conditions {
		insecure_or_no_service(other)
	}
}

insecure(condition) if {
	condition.key == "aws:securetransport"
	condition.operator in {"bool", "boolifexists"}
	condition.values == ["false"]
}

insecure(condition) if {
	condition.key == "s3:tlsversion"
	condition.operator in {"numericlessthan", "numericlessthanifexists"}
	every value in condition.values {
		to_number(value) >= 1.2
	}
}

insecure_or_no_service(condition) if insecure(condition)

insecure_or_no_service(condition) if {
	condition.key in {"aws:principalisawsservice", "aws:viaawsservice"}
	condition.operator in {"bool", "boolifexists"}
	condition.values == ["false"]
}

# bucket_covered says that the bucket itself is among the resources, where that is asked for.
bucket_covered(_) if not input.params.require_bucket_arn

bucket_covered(resources) if {
	some resource in resources
	regex.match(`^(\*|arn:[a-z-]+:s3:::[^/]+)$`, resource)
}
