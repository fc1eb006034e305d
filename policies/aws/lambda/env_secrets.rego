# METADATA
# title: Lambda environment variables hold no secrets
# description: >-
#   Whoever may list functions reads their environment variables in plain text, and they end up in infrastructure code,
#   its history and its state. Recognised are private keys, tokens and keys of well-known services, and values that look
#   like a password under a name that says so (critical). A variable whose name matches sensitive_name_pattern and whose
#   value is plain, not a reference, an ARN or a switch, is reported as well (high): what it holds cannot be told. No
#   value is kept or shown.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_lambda_function
# custom:
#   severity: critical
#   category: security
#   types: [aws_lambda_function]
#   params:
#     sensitive_name_pattern:
#       type: string
#       default: "(?i)(^|[_.-])(passwd|password|passphrase|pwd|secret|api_?key|access_?key|secret_?key|private_?key|auth_?token|access_?token|api_?token|bot_?token|credentials?)$"
#       description: Names of variables that must not have a plain value, as a regular expression.
#   plan: "yes"
#   remediation: >-
#     Revoke the credential, keep its successor in Secrets Manager or Parameter Store, and give the function its name
#     and the permission to read it.
#   terraform: |
#     resource "aws_lambda_function" "example" {
#       function_name = "example"
#       role          = aws_iam_role.example.arn
#       filename      = "example.zip"
#       handler       = "main.handler"
#       runtime       = "python3.13"
#
#       environment {
#         variables = {
#           DATABASE_SECRET_NAME = aws_secretsmanager_secret.database.name
#         }
#       }
#     }
package metsuke.aws.lambda.env_secrets

deny contains {"key": variable.name, "message": message, "path": "environment"} if {
	some variable in input.resource.attributes.environment.variables
	variable.secret != null
	message := sprintf("environment variable %s holds a secret (%s)", [variable.name, variable.secret])
}

deny contains {"key": variable.name, "message": message, "path": "environment", "severity": "high"} if {
	some variable in input.resource.attributes.environment.variables
	variable.secret == null
	variable.form == "literal"
	regex.match(input.params.sensitive_name_pattern, variable.name)
	message := sprintf("environment variable %s has the name of a secret and a plain value", [variable.name])
}
