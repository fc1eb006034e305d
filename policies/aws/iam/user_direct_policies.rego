# METADATA
# title: IAM users get permissions only through groups
# description: >-
#   Permissions that hang on single users are seen by nobody who reviews groups and roles, and stay when people
#   change jobs. Asked for are users whose rights all come from groups.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_user
# custom:
#   severity: low
#   category: security
#   types: [aws_iam_user]
#   plan: "yes"
#   frameworks:
#     cis-aws-3.0: ["1.15"]
#     cis-aws-5.0: ["1.14"]
#     cis-aws-7.0: ["2.13"]
#     fsbp: ["IAM.2"]
#     pci-dss-4.0: ["7.2.1", "7.2.2", "7.2.5", "7.3.1", "7.3.2", "7.3.3", "8.2.7", "8.2.8", "8.3.4"]
#   remediation: >-
#     Attach the policy to a group and put the user in it.
#   terraform: |
#     # In place of aws_iam_user_policy and aws_iam_user_policy_attachment.
#     resource "aws_iam_group_policy_attachment" "example" {
#       group      = aws_iam_group.example.name
#       policy_arn = aws_iam_policy.example.arn
#     }
#
#     resource "aws_iam_user_group_membership" "example" {
#       user   = aws_iam_user.example.name
#       groups = [aws_iam_group.example.name]
#     }
package metsuke.aws.iam.user_direct_policies

deny contains {"message": message, "path": "managed_policy_arns", "key": policy} if {
	some arn in input.resource.attributes.managed_policy_arns
	policy := last(arn)
	message := sprintf("%s is attached to the user directly", [policy])
}

deny contains {"message": message, "path": "inline_policy", "key": sprintf("inline %s", [name])} if {
	some i, policy in input.resource.attributes.inline_policy
	name := label(i, policy.name)
	message := sprintf("the user has the inline policy %s", [name])
}

last(arn) := name if {
	parts := split(arn, "/")
	name := parts[count(parts) - 1]
}

label(_, name) := name if name != null

label(i, null) := sprintf("%d", [i + 1])
