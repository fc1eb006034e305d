package metsuke.github.org.sso_enforced_test

import data.metsuke.github.org.sso_enforced as policy

organisation(plan, provider) := {"resource": {"attributes": {"plan": {"name": plan}, "identity_provider": provider}}}

provider := {"protocol": "saml", "level": "organization", "issuer": "i", "sso_url": "https://sso.example"}

test_fails_without_an_identity_provider if {
	policy.deny == {{
		"message": "neither the organisation nor its enterprise has an identity provider",
		"path": "identity_provider",
	}} with input as organisation("enterprise", null)
}

test_passes_with_an_identity_provider if {
	policy.deny == set() with input as organisation("enterprise", provider)
}

test_applies_to_enterprise_plans_only if {
	policy.applicable with input as organisation("enterprise", null)
	policy.applicable with input as organisation("business_plus", null)
	not policy.applicable with input as organisation("team", null)
}
