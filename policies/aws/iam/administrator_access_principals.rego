# METADATA
# title: AdministratorAccess is attached only to approved principals
# description: >-
#   Whoever carries AdministratorAccess can do anything in the account, including to switch off what watches them.
#   The few who need it should be known by name: roles of IAM Identity Center, of the organisation and of the
#   account's own automation. For a user the finding is critical, for its credentials do not expire. Policies that
#   the account wrote itself are judged by aws-iam-policy-full-admin.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_role
# custom:
#   severity: high
#   category: security
#   types: [aws_iam_group, aws_iam_role, aws_iam_user]
#   plan: "yes"
#   params:
#     allowed_admin_principals:
#       type: list
#       default: [AWSReservedSSO_AdministratorAccess_*, OrganizationAccountAccessRole, AWSControlTowerExecution, stacksets-exec-*]
#       description: Names of principals that may carry it; * and ? are wildcards.
#     admin_policies: {type: list, default: [AdministratorAccess], description: Policies maintained by AWS that allow everything.}
#   frameworks:
#     cis-aws-3.0: ["1.16"]
#     cis-aws-5.0: ["1.15"]
#     cis-aws-7.0: ["2.14"]
#     pci-dss-4.0: ["7.2.1", "7.2.2", "7.2.5", "7.3.1", "7.3.2", "7.3.3", "8.2.7", "8.2.8", "8.3.4"]
#   remediation: >-
#     Give a narrower policy, or add the principal's name to allowed_admin_principals with a reason.
#   terraform: |
#     # In place of the attachment of AdministratorAccess.
#     resource "aws_iam_role_policy_attachment" "example" {
#       role       = aws_iam_role.example.name
#       policy_arn = aws_iam_policy.example.arn
#     }
package metsuke.aws.iam.administrator_access_principals

import data.metsuke.lib.iam

deny contains object.union({"message": message, "path": "managed_policy_arns", "key": policy}, severity) if {
	some arn in input.resource.attributes.managed_policy_arns
	some policy in input.params.admin_policies
	regex.match(`^arn:aws[a-z-]*:iam::aws:policy/(job-function/)?[^/]+$`, arn)
	endswith(arn, sprintf("/%s", [policy]))
	not allowed
	message := sprintf("%s is attached to the %s", [policy, kind])
}

allowed if {
	some pattern in input.params.allowed_admin_principals
	iam.matches(pattern, input.resource.name)
}

kind := trim_prefix(input.resource.type, "aws_iam_")

severity := {"severity": "critical"} if input.resource.type == "aws_iam_user"

severity := {} if input.resource.type != "aws_iam_user"
