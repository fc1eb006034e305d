# METADATA
# title: EBS snapshots are not shared with everyone
# description: >-
#   Anyone with an AWS account can make a volume of a public snapshot and read every file that was on the disk, deleted
#   ones included. New public snapshots are found and copied within hours.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_ebs_snapshot
# custom:
#   severity: critical
#   category: security
#   types: [aws_ebs_snapshot]
#   plan: "no"
#   frameworks: {fsbp: ["EC2.1"]}
#   remediation: >-
#     Remove the group all (aws ec2 modify-snapshot-attribute --attribute createVolumePermission --operation-type remove
#     --group-names all), treat what was on the disk as known, and forbid it for good:
#     resource "aws_ebs_snapshot_block_public_access" "this" { state = "block-all-sharing" }.
package metsuke.aws.ebs.snapshot_public

deny contains {"message": "every AWS account may create volumes from the snapshot", "path": "public"} if input.resource.attributes.public
