# METADATA
# title: Lambda resource policies do not grant access to everyone
# description: >-
#   A function whose resource policy allows the principal * can be invoked from any AWS account, or through a function
#   URL without sign-in by anybody at all. Conditions on the organisation, the account or the source tie it down. A
#   condition on lambda:FunctionUrlAuthType does not: AWS_IAM asks callers to sign as somebody, of whichever account.
#   Judged is the policy of the function itself; aliases and versions have policies of their own, which are not read.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_lambda_function
# custom:
#   severity: critical
#   category: security
#   types: [aws_lambda_function]
#   frameworks:
#     cis-aws-7.0: ["2.21"]
#     fsbp: ["Lambda.1"]
#     pci-dss-4.0: ["1.2.8", "1.3.1", "1.3.2", "1.4.2", "3.5.1.3", "10.3.2"]
#   plan: "yes"
#   remediation: >-
#     Remove the statement, or grant to the account, organisation or service that needs it with source_arn,
#     source_account or principal_org_id. Put a public endpoint behind API Gateway or CloudFront.
#   terraform: |
#     resource "aws_lambda_permission" "example" {
#       function_name = aws_lambda_function.example.function_name
#       action        = "lambda:InvokeFunction"
#       principal     = "sns.amazonaws.com"
#       source_arn    = aws_sns_topic.example.arn
#     }
package metsuke.aws.lambda.policy_public

import data.metsuke.lib.iam

deny contains {"message": message, "path": "policy", "key": label, "defects": {part | some part in iam.actions(statement)}} if {
	some index, statement in input.resource.attributes.policy.statements
	iam.addresses_everybody(statement, restricting)
	not fenced(statement)
	label := iam.label(index, statement)
	message := sprintf("%s of the resource policy lets everybody in", [label])
}

# fenced says that another statement turns everybody away again.
fenced(statement) if {
	some other in input.resource.attributes.policy.statements
	iam.fences(other, statement, restricting)
}

restricting := {
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths",
	"aws:sourcevpc", "aws:sourcevpce",
}
