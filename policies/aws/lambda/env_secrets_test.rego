package metsuke.aws.lambda.env_secrets_test

import data.metsuke.aws.lambda.env_secrets

of(name, form, secret) := {
	"resource": {"attributes": {"environment": {"variables": [{"name": name, "form": form, "secret": secret}]}}},
	"params": {"sensitive_name_pattern": `(?i)(^|_)(password|secret|api_?key)$`},
}

test_fails_with_a_secret if {
	env_secrets.deny == {{"key": "SETTINGS", "message": "environment variable SETTINGS holds a secret (github token)", "path": "environment"}} with input as
		of("SETTINGS", "literal", "github token")
}

test_fails_with_a_plain_value_under_a_telling_name if {
	env_secrets.deny == {{
		"key": "DB_PASSWORD", "message": "environment variable DB_PASSWORD has the name of a secret and a plain value",
		"path": "environment", "severity": "high",
	}} with input as of("DB_PASSWORD", "literal", null)
}

test_a_secret_is_one_finding if {
	count(env_secrets.deny) == 1 with input as of("DB_PASSWORD", "literal", "password")
}

test_passes_without_secrets if {
	every form in ["arn", "reference", "switch", "empty"] {
		env_secrets.deny == set() with input as of("DB_PASSWORD", form, null)
	}
	env_secrets.deny == set() with input as of("DB_PASSWORD_NAME", "literal", null)
	env_secrets.deny == set() with input as {"resource": {"attributes": {"environment": null}}}
}
