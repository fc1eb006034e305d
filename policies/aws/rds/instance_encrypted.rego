# METADATA
# title: RDS instances are encrypted at rest
# description: >-
#   Without storage encryption, whoever gets hold of a snapshot that was shared or copied, or of
#   the disks below, reads the data. Encryption cannot be switched on later: the longer an
#   unencrypted database lives, the more its migration costs. Members of a cluster are not judged
#   here, because their storage is the cluster's.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_db_instance
# custom:
#   severity: high
#   category: security
#   types: [aws_db_instance]
#   plan: "yes"
#   frameworks:
#     cis-aws-3.0: ["2.3.1"]
#     cis-aws-5.0: ["2.2.1"]
#     cis-aws-7.0: ["3.2.1"]
#     fsbp: ["RDS.3"]
#     pci-dss-4.0: ["8.3.2"]
#   remediation: >-
#     Copy a snapshot with a KMS key, restore an instance from the encrypted copy and move the
#     clients over. Terraform replaces the instance, by an empty one unless snapshot_identifier
#     names the copy.
#   terraform: |
#     resource "aws_db_instance" "example" {
#       identifier     = "example"
#       engine         = "postgres"
#       instance_class = "db.m7g.large"
#
#       storage_encrypted = true
#       kms_key_id        = aws_kms_key.example.arn
#     }
package metsuke.aws.rds.instance_encrypted

applicable if input.resource.attributes.cluster_identifier == null

deny contains {"message": "the storage is not encrypted at rest", "path": "storage_encrypted"} if {
	input.resource.attributes.storage_encrypted == false
}
