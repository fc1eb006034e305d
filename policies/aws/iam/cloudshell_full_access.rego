# METADATA
# title: AWSCloudShellFullAccess is not attached to anyone
# description: >-
#   AWSCloudShellFullAccess lets its holder move files between a machine of its own and AWS through the browser,
#   past every network control. CIS asks that nobody carries it. There is a finding for each principal.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_role
# custom:
#   severity: medium
#   category: security
#   types: [aws_iam_group, aws_iam_role, aws_iam_user]
#   plan: "yes"
#   params:
#     allowed_principals: {type: list, default: [], description: "Names of users, groups and roles that may carry it."}
#   frameworks:
#     cis-aws-3.0: ["1.22"]
#     cis-aws-5.0: ["1.21"]
#     cis-aws-7.0: ["2.20"]
#     pci-dss-4.0: ["7.2.1", "7.2.2", "7.2.3", "7.2.5", "7.3.1", "7.3.2", "7.3.3", "8.2.7", "8.2.8", "8.3.4"]
#   remediation: >-
#     Detach the policy, or attach one that allows CloudShell without cloudshell:PutCredentials, GetFileUploadUrls
#     and GetFileDownloadUrls.
#   terraform: |
#     resource "aws_iam_policy" "example" {
#       name = "cloudshell-without-file-transfer"
#       policy = jsonencode({
#         Version = "2012-10-17"
#         Statement = [
#           { Effect = "Allow", Action = "cloudshell:*", Resource = "*" },
#           {
#             Effect = "Deny"
#             Action = [
#               "cloudshell:GetFileDownloadUrls",
#               "cloudshell:GetFileUploadUrls",
#               "cloudshell:PutCredentials",
#             ]
#             Resource = "*"
#           },
#         ]
#       })
#     }
#
#     resource "aws_iam_role_policy_attachment" "example" {
#       role       = aws_iam_role.example.name
#       policy_arn = aws_iam_policy.example.arn
#     }
package metsuke.aws.iam.cloudshell_full_access

deny contains {"message": message, "path": "managed_policy_arns"} if {
	some arn in input.resource.attributes.managed_policy_arns
	regex.match(`^arn:aws[a-z-]*:iam::aws:policy/AWSCloudShellFullAccess$`, arn)
	not input.resource.name in input.params.allowed_principals
	message := sprintf("AWSCloudShellFullAccess is attached to the %s", [trim_prefix(input.resource.type, "aws_iam_")])
}
