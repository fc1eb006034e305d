# METADATA
# title: Macie discovers sensitive data in S3
# description: >-
#   Macie tells which buckets hold personal or secret data, so that protection goes where it matters. It works per
#   region: asked for is, in every region that holds buckets, Macie switched on and looking, by automated discovery,
#   a scheduled job or a job of the last months. Macie and its discovery cost money per bucket and GB.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: low
#   category: security
#   types: [aws_account]
#   plan: "no"
#   params:
#     max_job_age_days: {type: number, default: 90, description: Days for which a finished job counts.}
#   frameworks:
#     cis-aws-3.0: ["2.1.3"]
#     cis-aws-5.0: ["2.1.3"]
#     cis-aws-7.0: ["3.1.3"]
#     fsbp: ["Macie.1"]
#   remediation: >-
#     Enable Macie in the regions that hold buckets, centrally for the organisation. In Terraform:
#     aws_macie2_account, and aws_macie2_organization_configuration with auto_enable.
package metsuke.aws.macie.enabled

import data.metsuke.lib.time

deny contains {"message": message, "path": path, "key": entry.region} if {
	some i, entry in input.resource.attributes.macie
	entry.status != "ENABLED"
	message := sprintf("Macie is %s in %s, which holds buckets", [state(entry.status), entry.region])
	path := sprintf("macie.%d.status", [i])
}

deny contains {"message": message, "path": path, "key": entry.region} if {
	some i, entry in input.resource.attributes.macie
	entry.status == "ENABLED"
	entry.automated_discovery == false
	not looking(entry.jobs)
	message := sprintf("Macie looks at no bucket in %s: automated discovery is off and no job ran in %d days", [
		entry.region,
		input.params.max_job_age_days,
	])
	path := sprintf("macie.%d.automated_discovery", [i])
}

state(null) := "not enabled"

state(status) := lower(status) if status != null

looking(jobs) if {
	some job in jobs
	job.job_type == "SCHEDULED"
	job.job_status in {"RUNNING", "IDLE"}
}

looking(jobs) if {
	some job in jobs
	job.job_type == "ONE_TIME"
	job.job_status in {"RUNNING", "COMPLETE"}
	not time.older_than_days(job.created_at, input.params.max_job_age_days, input.now)
}
