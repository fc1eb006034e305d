# METADATA
# title: EC2 instances require IMDSv2
# description: >-
#   The metadata service hands out the credentials of the instance's role to whoever can make the instance send a
#   request, such as through a proxy or a flaw of a web application. IMDSv2 asks for a token first, which such requests
#   cannot get. A plan that leaves http_tokens open is judged unknown: the image or the account may require it.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_instance
# custom:
#   severity: high
#   category: security
#   types: [aws_instance]
#   plan: "yes"
#   frameworks: {cis-aws-3.0: ["5.6"], cis-aws-5.0: ["5.7"], cis-aws-7.0: ["6.7"], fsbp: ["EC2.8"], pci-dss-4.0: ["8.2.8"]}
#   remediation: >-
#     Require session tokens of the instance. For instances that do not say, set http_tokens of an
#     aws_ec2_instance_metadata_defaults to required.
#   terraform: |
#     resource "aws_instance" "example" {
#       ami           = var.ami_id
#       instance_type = "m7i.large"
#
#       metadata_options {
#         http_endpoint = "enabled"
#         http_tokens   = "required"
#       }
#     }
package metsuke.aws.ec2.imdsv2

deny contains {"message": "the metadata service answers without a session token (IMDSv1)", "path": "metadata_options.http_tokens"} if {
	input.resource.attributes.metadata_options.http_endpoint == "enabled"
	input.resource.attributes.metadata_options.http_tokens != "required"
}
