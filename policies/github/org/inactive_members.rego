# METADATA
# title: Paid seats belong to people who are active
# description: >-
#   Every member of an organisation takes a paid seat, and every account that nobody
#   uses is one whose loss nobody would notice. A person counts as idle when the
#   organisation's audit log holds nothing of them and they contributed nothing to its
#   repositories for a while; people who were added within that time are left alone.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_membership
# custom:
#   severity: medium
#   category: cost
#   types: [github_membership]
#   plan: "no"
#   params:
#     max_idle_days:
#       type: number
#       default: 90
#       description: >-
#         Days without activity that are too many. More than 180 count as 180: the audit
#         log goes back no further.
#     evidence:
#       type: string
#       default: audit_log
#       description: >-
#         audit_log judges by the audit log and by contributions; without GitHub
#         Enterprise, which has the log, nobody can be judged so. contributions judges
#         by contributions alone, which is weak: reviewing, reading and a person's first
#         weeks leave no trace, nor do repositories that the credential may not see.
#     seat_monthly_cost_usd:
#       type: number
#       default: 21
#       description: What a seat costs a month, in US dollars; 21 is the list price of GitHub Enterprise Cloud.
#   frameworks: {cis-github-1.0: ["1.3.1"], cis-github-1.2: ["1.3.1"]}
#   remediation: >-
#     Ask the person or the person's team, then take the account out of the organisation;
#     in Terraform, remove the github_membership. With SCIM, remove the assignment at the
#     identity provider.
package metsuke.github.org.inactive_members

import data.metsuke.lib.time as t

# Outside collaborators have no seat of the organisation by themselves.
applicable if input.resource.attributes.role in {"admin", "member"}

deny contains {"message": message, "path": "last_contribution_at", "monthly_cost_usd": input.params.seat_monthly_cost_usd} if {
	idle(input.resource.attributes.last_contribution_at)
	not_in_audit_log
	message := sprintf("%s has shown no activity for more than %d days", [input.resource.attributes.username, days])
}

not_in_audit_log if input.params.evidence == "contributions"

not_in_audit_log if {
	input.params.evidence == "audit_log"
	idle(input.resource.attributes.last_audit_event_at)
	idle(input.resource.attributes.added_at) # null: added before the log begins
}

days := min([input.params.max_idle_days, 180])

# idle says that the last time something happened is too long ago, or never was.
idle(null) := true

idle(at) if {
	at != null
	t.older_than_days(at, days, input.now)
}
