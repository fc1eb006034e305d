# METADATA
# title: The root user is not used for daily work
# description: >-
#   Few tasks need the root user, and each of them is an event worth a note. Its password or keys in use shortly
#   before the credential report was made point to daily work as root or to somebody who should not have them. Use
#   since the report is not in it. An organisation may well ask for 90 days.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: high
#   category: security
#   types: [aws_account]
#   plan: "no"
#   params:
#     max_days: {type: number, default: 1, description: Days before the credential report within which the root user must not have been used.}
#   frameworks:
#     cis-aws-3.0: ["1.7"]
#     cis-aws-5.0: ["1.6"]
#     cis-aws-7.0: ["2.7"]
#   remediation: >-
#     Do the work with a role; keep root's password and MFA device for the tasks that need it, and note each use.
package metsuke.aws.iam.root_recent_use

import data.metsuke.lib.time

deny contains {"message": message, "path": "root_credentials"} if {
	count(uses) > 0
	latest := max(uses)
	not time.older_than_days(latest, input.params.max_days, input.resource.attributes.root_credentials.reported)
	message := sprintf("the root user was last used on %s", [replace(trim_suffix(latest, "Z"), "T", " at ")])
}

# Timestamps are in UTC and of one form, so that the last in order is the latest.
uses contains used if {
	some kind in ["password_last_used", "access_key_1_last_used", "access_key_2_last_used"]
	used := input.resource.attributes.root_credentials[kind]
	used != null
}
