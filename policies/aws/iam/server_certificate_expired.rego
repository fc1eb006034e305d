# METADATA
# title: No expired server certificates are stored in IAM
# description: >-
#   An expired certificate in IAM is either still in use, and browsers turn users away, or forgotten, and can be put
#   to use by mistake. A finding of medium severity warns before the date. IAM can be asked for the date, not for
#   the use.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_server_certificate
# custom:
#   severity: high
#   category: security
#   types: [aws_iam_server_certificate]
#   plan: "partial"
#   params:
#     warn_days: {type: number, default: 30, description: Days before the end from which on to warn.}
#   frameworks:
#     cis-aws-3.0: ["1.19"]
#     cis-aws-5.0: ["1.18"]
#     cis-aws-7.0: ["2.17"]
#   remediation: >-
#     Move the certificate to AWS Certificate Manager, which renews it, and delete it in IAM.
#   terraform: |
#     # In place of the aws_iam_server_certificate.
#     resource "aws_acm_certificate" "example" {
#       domain_name       = "www.example.com"
#       validation_method = "DNS"
#
#       lifecycle {
#         create_before_destroy = true
#       }
#     }
package metsuke.aws.iam.server_certificate_expired

import data.metsuke.lib.time

deny contains {"message": message, "path": "expiration"} if {
	time.is_before(input.resource.attributes.expiration, input.now)
	message := sprintf("the certificate expired on %s", [day])
}

deny contains {"message": message, "path": "expiration", "severity": "medium"} if {
	not time.is_before(input.resource.attributes.expiration, input.now)
	time.within_days(input.resource.attributes.expiration, input.params.warn_days, input.now)
	message := sprintf("the certificate expires on %s, in %d days", [day, time.days_until(input.resource.attributes.expiration, input.now)])
}

day := substring(input.resource.attributes.expiration, 0, 10)
