# METADATA
# title: No member or outside collaborator lacks two-factor authentication
# description: >-
#   An account without a second factor is one leaked password away from somebody else's
#   hands, with all that the account may read and push. Outside collaborators count as
#   well: they are the accounts that nobody in the company manages.
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
#       description: Logins that may go without a second factor, such as accounts of machines.
#     enterprise_managed_users:
#       type: boolean
#       default: false
#       description: >-
#         The enterprise manages its users. Their identity provider asks for the second
#         factor then, and GitHub does not know of it.
#   frameworks: {cis-github-1.0: ["1.3.4", "1.3.5"], cis-github-1.2: ["1.3.4", "1.3.5"]}
#   remediation: >-
#     Have the person set up a second factor under Settings, Password and
#     authentication, or take the person out of the organisation. Requiring it for the
#     whole organisation keeps it that way.
package metsuke.github.org.members_without_2fa

applicable if input.params.enterprise_managed_users == false

deny contains {"message": message, "path": "two_factor_disabled"} if {
	not exempt
	input.resource.attributes.two_factor_disabled
	message := sprintf("%s (%s) has no two-factor authentication", [input.resource.attributes.username, who])
}

# Logins are the same in any case.
exempt if {
	some login in input.params.exempt
	lower(login) == lower(input.resource.attributes.username)
}

who := "an owner" if input.resource.attributes.role == "admin"

who := "a member" if input.resource.attributes.role == "member"

who := "an outside collaborator" if input.resource.attributes.role == "outside_collaborator"
