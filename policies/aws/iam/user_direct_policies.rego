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
#   frameworks:
#     cis-aws-3.0: ["1.15"]
#     cis-aws-5.0: ["1.14"]
#     cis-aws-7.0: ["2.13"]
#     fsbp: ["IAM.2"]
#     pci-dss-4.0: ["7.2.1", "7.2.2", "7.2.5", "7.3.1", "7.3.2", "7.3.3", "8.2.7", "8.2.8", "8.3.4"]
#   remediation: >-
#     Attach the policy to a group and put the user in it. In Terraform: aws_iam_group_policy_attachment with
#     aws_iam_user_group_membership instead of aws_iam_user_policy and aws_iam_user_policy_attachment.
package metsuke.aws.iam.user_direct_policies

deny contains {"message": message, "path": "managed_policy_arns"} if {
	attached := input.resource.attributes.managed_policy_arns
	count(attached) > 0
	message := sprintf("attached to the user directly: %s", [concat(", ", sort({last(arn) | some arn in attached}))])
}

deny contains {"message": message, "path": "inline_policy", "key": "inline"} if {
	inline := input.resource.attributes.inline_policy
	count(inline) > 0
	message := sprintf("the user has %d inline %s", [count(inline), noun(count(inline))])
}

last(arn) := name if {
	parts := split(arn, "/")
	name := parts[count(parts) - 1]
}

noun(1) := "policy"

noun(n) := "policies" if n != 1
