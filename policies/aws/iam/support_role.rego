# METADATA
# title: Some role can open and follow AWS Support cases
# description: >-
#   When an incident needs AWS, somebody has to be allowed to open a case. The managed policy AWSSupportAccess gives
#   just that; a role that carries it spares the administrator's rights. A permission set of IAM Identity Center
#   counts, for it becomes a role in the account.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: low
#   category: operations
#   types: [aws_account]
#   plan: "no"
#   params:
#     entity_types: {type: list, default: [Role], description: "What may carry the policy: Role, Group, User."}
#   frameworks:
#     cis-aws-3.0: ["1.17"]
#     cis-aws-5.0: ["1.16"]
#     cis-aws-7.0: ["2.15"]
#   remediation: >-
#     Attach AWSSupportAccess to a role that the operations team can assume. In Terraform:
#     aws_iam_role_policy_attachment with policy_arn arn:aws:iam::aws:policy/AWSSupportAccess.
package metsuke.aws.iam.support_role

deny contains {"message": message, "path": "support_access"} if {
	count(holders) == 0
	message := sprintf("no %s may open support cases: AWSSupportAccess is attached to none", [lower(concat(" or ", input.params.entity_types))])
}

holders contains holder.name if {
	some holder in input.resource.attributes.support_access
	holder.type in input.params.entity_types
}
