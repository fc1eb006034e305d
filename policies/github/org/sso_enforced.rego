# METADATA
# title: The organisation signs in through single sign-on
# description: >-
#   With single sign-on the company's identity provider decides who gets in. Without it
#   an account that was made on GitHub stays usable after its owner has left, and nobody
#   in charge of identities sees it. Single sign-on needs GitHub Enterprise Cloud; on
#   other plans the policy does not apply.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_organization
# custom:
#   severity: high
#   category: security
#   types: [github_organization]
#   plan: "no"
#   remediation: >-
#     Connect the identity provider under Settings, Authentication security, SAML single
#     sign-on of the organisation or of the enterprise, and require it for all members.
package metsuke.github.org.sso_enforced

# The plans that have single sign-on; business_plus is an older name.
applicable if input.resource.attributes.plan.name in {"enterprise", "business_plus"}

deny contains {"message": "neither the organisation nor its enterprise has an identity provider", "path": "identity_provider"} if {
	input.resource.attributes.identity_provider == null
}
