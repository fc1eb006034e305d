# METADATA
# title: Every member is linked to an identity of the identity provider
# description: >-
#   A member who is linked to no identity is outside of the company's joiners and leavers:
#   nobody is told when the person goes, and single sign-on does not stop them. The
#   policy sees whether there is a link; whether the identity at its other end is still
#   active, the identity provider knows.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_membership
# custom:
#   severity: high
#   category: security
#   types: [github_membership]
#   plan: "no"
#   params:
#     exempt:
#       type: list
#       default: []
#       description: Logins that need no identity, such as accounts of machines.
#   remediation: >-
#     Have the person sign in through single sign-on once, which links the account, or
#     take the account out of the organisation. Requiring single sign-on removes members
#     without a link.
package metsuke.github.org.identity_unlinked

applicable if {
	input.resource.attributes.role in {"admin", "member"}
	input.resource.attributes.identity_provider_configured
}

deny contains {"message": message, "path": "external_identity"} if {
	not exempt
	input.resource.attributes.external_identity == null
	message := sprintf("%s is linked to no identity of the identity provider", [input.resource.attributes.username])
}

# Logins are the same in any case.
exempt if {
	some login in input.params.exempt
	lower(login) == lower(input.resource.attributes.username)
}
