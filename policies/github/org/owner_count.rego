# METADATA
# title: The organisation has between two and a few owners
# description: >-
#   A single owner who leaves or loses a device locks everybody out of the
#   organisation's settings; every further owner is one more account whose loss gives
#   away everything. The policy judges the organisation and not each owner, so that
#   there is one finding for the one thing to mend.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_organization
# custom:
#   severity: medium
#   category: security
#   types: [github_organization]
#   plan: "no"
#   uses: {github_membership: [role]}
#   params:
#     min: {type: number, default: 2, description: The fewest owners that are enough.}
#     max: {type: number, default: 4, description: The most owners that are not too many.}
#   frameworks: {cis-github-1.0: ["1.3.3"], cis-github-1.2: ["1.3.3"]}
#   remediation: >-
#     Make trusted people owners or members until the number is right; in Terraform the
#     role of a github_membership. Give people who administer single repositories a team
#     with the admin role on these instead.
package metsuke.github.org.owner_count

# A Terraform plan holds the memberships that it manages, not all of them: counting
# these would be counting something else.
applicable if not planned

planned if input.resource.scope.provider == "terraform"

owners := {id | some id, person in input.related.github_membership; person.attributes.role == "admin"}

deny contains {"message": message} if {
	count(owners) < input.params.min
	message := sprintf("the number of owners is %d, below %d", [count(owners), input.params.min])
}

deny contains {"message": message} if {
	count(owners) > input.params.max
	message := sprintf("the number of owners is %d, above %d", [count(owners), input.params.max])
}
