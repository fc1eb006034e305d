# METADATA
# title: User data is free of secrets
# description: >-
#   The start script of an instance can be read by everyone who may describe it, by every process on the machine, and in
#   the history of the infrastructure code. Recognised are private keys, tokens and keys of well-known services, and
#   values that are assigned to a password; the finding tells the kind and never the text.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_instance
# custom:
#   severity: critical
#   category: security
#   types: [aws_instance]
#   plan: "yes"
#   remediation: >-
#     Revoke the credential, keep its successor in Secrets Manager or Parameter Store, and have the script fetch it with
#     the role of the instance.
#   terraform: |
#     resource "aws_instance" "example" {
#       ami                  = var.ami_id
#       instance_type        = "m7i.large"
#       iam_instance_profile = aws_iam_instance_profile.example.name
#
#       user_data = <<-EOT
#         #!/bin/sh
#         umask 077
#         aws ssm get-parameter --with-decryption --name /example/database \
#           --query Parameter.Value --output text >/run/example.conf
#       EOT
#     }
package metsuke.aws.ec2.user_data_secrets

deny contains {"key": kind, "message": sprintf("user data holds a secret (%s)", [kind]), "path": "user_data"} if {
	some kind in input.resource.attributes.user_data.secrets
}
