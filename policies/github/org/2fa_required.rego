# METADATA
# title: The organisation requires two-factor authentication for everyone
# description: >-
#   A password alone stands between a phished member and every repository that the
#   member can reach. With the requirement switched on, GitHub takes in nobody without
#   a second factor, so that the rule holds for people who join later as well.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_organization
# custom:
#   severity: critical
#   category: security
#   types: [github_organization]
#   plan: "no"
#   params:
#     enterprise_managed_users:
#       type: boolean
#       default: false
#       description: >-
#         The enterprise manages its users. Their identity provider asks for the second
#         factor then, and GitHub's own requirement cannot be switched on.
#   frameworks: {cis-github-1.0: ["1.3.4", "1.3.5"], cis-github-1.2: ["1.3.4", "1.3.5"]}
#   remediation: >-
#     Switch on "Require two-factor authentication for everyone" under Settings,
#     Authentication security. People without a second factor lose their access at that
#     moment: warn them first. The API and the Terraform provider cannot switch it on.
package metsuke.github.org["2fa_required"]

deny contains {"message": message, "path": "two_factor_requirement_enabled"} if {
	input.params.enterprise_managed_users == false
	input.resource.attributes.two_factor_requirement_enabled == false
	message := "the organisation does not require two-factor authentication"
}
