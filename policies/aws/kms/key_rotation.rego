# METADATA
# title: Customer-managed symmetric KMS keys rotate automatically
# description: >-
#   With rotation KMS makes new key material at a fixed interval and keeps the old for what it has encrypted: less hangs
#   on each piece of material, and nothing has to be done for it. Judged are enabled keys that can rotate: symmetric
#   encryption keys with material that KMS made, replicas excepted, which rotate with their primary key.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_kms_key
# custom:
#   severity: medium
#   category: security
#   types: [aws_kms_key]
#   params:
#     max_period_days: {type: number, default: 365, description: Days that may lie between two rotations.}
#   frameworks: {cis-aws-3.0: ["3.6"], cis-aws-5.0: ["3.6"], cis-aws-7.0: ["4.6"], pci-dss-4.0: ["3.7.4", "3.7.5"]}
#   plan: "yes"
#   remediation: >-
#     Turn on automatic rotation; applications need no change.
#   terraform: |
#     resource "aws_kms_key" "example" {
#       description             = "example"
#       enable_key_rotation     = true
#       rotation_period_in_days = 365
#     }
package metsuke.aws.kms.key_rotation

applicable if {
	input.resource.attributes.is_enabled
	input.resource.attributes.customer_master_key_spec == "SYMMETRIC_DEFAULT"
	input.resource.attributes.key_usage == "ENCRYPT_DECRYPT"
	input.resource.attributes.origin == "AWS_KMS"
	input.resource.attributes.primary_key_arn == null
}

deny contains {"message": "the key does not rotate", "path": "enable_key_rotation"} if {
	input.resource.attributes.enable_key_rotation == false
}

deny contains {"message": message, "path": "rotation_period_in_days"} if {
	input.resource.attributes.enable_key_rotation == true
	period := input.resource.attributes.rotation_period_in_days
	period != null
	period > input.params.max_period_days
	message := sprintf("the key rotates every %d days, not within %d", [period, input.params.max_period_days])
}
