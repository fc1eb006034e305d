# METADATA
# title: EC2 instances use an instance profile role
# description: >-
#   An instance without a role that needs AWS gets access keys written to its disk, which never expire and are copied
#   with every image. Judged is that there is a profile, not what it allows.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_instance
# custom:
#   severity: medium
#   category: security
#   types: [aws_instance]
#   plan: "yes"
#   params:
#     no_aws_access_tag: {type: string, default: NoAwsAccess, description: Tag on instances that use no AWS API.}
#   frameworks:
#     cis-aws-3.0: ["1.18"]
#     cis-aws-5.0: ["1.17"]
#     cis-aws-7.0: ["2.16"]
#     pci-dss-4.0: ["7.2.1", "7.2.2", "7.2.5", "7.3.1", "7.3.2", "7.3.3", "8.2.7", "8.2.8", "8.3.4"]
#   remediation: >-
#     Give the instance a role with what it needs.
#   terraform: |
#     resource "aws_iam_instance_profile" "example" {
#       name = "example"
#       role = aws_iam_role.example.name
#     }
#
#     resource "aws_instance" "example" {
#       ami                  = var.ami_id
#       instance_type        = "m7i.large"
#       iam_instance_profile = aws_iam_instance_profile.example.name
#     }
package metsuke.aws.ec2.instance_profile

deny contains {"message": "the instance has no instance profile", "path": "iam_instance_profile"} if {
	input.resource.attributes.iam_instance_profile == null
	not input.params.no_aws_access_tag in input.resource.tag_keys
}
