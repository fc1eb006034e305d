# METADATA
# title: EBS volumes are encrypted
# description: >-
#   Encryption costs neither money nor speed, and it is what keeps the data of a volume from whoever gets hold of a
#   snapshot or copy of it. A plan that leaves encrypted open is judged unknown, as the region may encrypt by default.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_ebs_volume
# custom:
#   severity: high
#   category: security
#   types: [aws_ebs_volume]
#   plan: "yes"
#   params:
#     attached_only: {type: boolean, default: false, description: Judge attached volumes only.}
#     assume_default_encryption:
#       type: boolean
#       default: false
#       description: Take for granted that every region encrypts new volumes by default, whatever a plan says.
#   frameworks: {cis-aws-3.0: ["2.2.1"], cis-aws-5.0: ["5.1.1"], fsbp: ["EC2.3"], pci-dss-4.0: ["8.3.2"]}
#   remediation: >-
#     Encrypt the volume, with a key of your own where there is one; Terraform replaces an existing volume, by an empty
#     one unless snapshot_id names an encrypted copy of its snapshot. For all new volumes, enable
#     aws_ebs_encryption_by_default.
#   terraform: |
#     resource "aws_ebs_volume" "example" {
#       availability_zone = "eu-central-1a"
#       size              = 100
#       encrypted         = true
#       kms_key_id        = aws_kms_key.example.arn
#     }
package metsuke.aws.ebs.volume_encrypted

applicable if not input.params.attached_only

applicable if count(input.resource.attributes.attachments) > 0

deny contains {"message": "the volume is not encrypted", "path": "encrypted"} if {
	not input.resource.attributes.encrypted
	not encrypted_by_default
}

# Only of a volume that does not exist yet.
encrypted_by_default if {
	input.params.assume_default_encryption
	input.resource.attributes.state == null
}
