# METADATA
# title: No leaked secret stays open
# description: >-
#   An open alert is a secret that somebody has already seen in the repository. Until it
#   is revoked it works for whoever has a clone, and attackers try fresh leaks within
#   minutes. Where secret scanning is off there are no alerts, which says nothing: the
#   policy does not apply there.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_repository
# custom:
#   severity: critical
#   category: security
#   types: [github_repository]
#   plan: "no"
#   params:
#     max_days: {type: number, default: 0, description: Days that an alert may stay open.}
#   frameworks: {cis-github-1.0: ["2.3.8"], cis-github-1.2: ["2.3.8"]}
#   remediation: >-
#     Revoke the secret where it was issued, replace it where it is used, then close the
#     alert as revoked. Removing it from the history comes after that, if at all.
package metsuke.github.repo.secret_alerts_open

import data.metsuke.lib.time as t

applicable if input.resource.attributes.security_and_analysis.secret_scanning.status == "enabled"

applicable if count(input.resource.attributes.open_secret_alerts) > 0

deny contains {"message": message, "path": "open_secret_alerts", "severity": severity, "key": key} if {
	some alert in input.resource.attributes.open_secret_alerts
	t.older_than_days(alert.created_at, input.params.max_days, input.now)
	message := sprintf("alert %d: a secret of the kind %s (%s) is open since %s", [
		alert.number, alert.secret_type, works(alert.validity), substring(alert.created_at, 0, 10),
	])
	severity := grade(alert.validity)
	key := sprintf("alert-%d", [alert.number])
}

grade(validity) := "critical" if validity == "active"

grade(validity) := "high" if validity != "active"

works(validity) := "still working" if validity == "active"

works(validity) := "no longer working" if validity == "inactive"

works(validity) := "perhaps still working" if not validity in {"active", "inactive"}
