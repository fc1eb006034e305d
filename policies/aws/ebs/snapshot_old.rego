# METADATA
# title: EBS snapshots are deleted after their retention period
# description: >-
#   Snapshots made by hand have no end: they stay, and are paid for, after everybody forgot what they were for. Those of
#   AWS Backup and the Data Lifecycle Manager, which have a retention of their own, and archived ones are not judged;
#   those that an image is made of pass. The saving is an upper bound, as snapshots share their blocks.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_ebs_snapshot
# custom:
#   severity: low
#   category: cost
#   types: [aws_ebs_snapshot]
#   plan: "no"
#   params:
#     max_age_days: {type: number, default: 90, description: Days that a snapshot is kept.}
#     gib_usd: {type: number, default: 0.05, description: Price of the standard tier per GiB and month; default of us-east-1.}
#   remediation: >-
#     Delete the snapshot, or have snapshots made with an end: aws_dlm_lifecycle_policy with a retain_rule, or a rule of
#     aws_backup_plan with lifecycle { delete_after = 90 }.
package metsuke.aws.ebs.snapshot_old

import data.metsuke.lib.time as times

applicable if {
	input.resource.created != null
	input.resource.attributes.storage_tier == "standard"
	not "aws:backup:source-resource" in input.resource.tag_keys
	not "aws:dlm:lifecycle-policy-id" in input.resource.tag_keys
}

deny contains {"message": message, "monthly_cost_usd": cost, "path": "created"} if {
	input.resource.created != null
	times.older_than_days(input.resource.created, input.params.max_age_days, input.now)
	input.resource.attributes.images == []
	message := sprintf("snapshot of up to %d GiB is %d days old and no image needs it", [
		input.resource.attributes.volume_size,
		times.age_days(input.resource.created, input.now),
	])
}

cost := round((input.resource.attributes.volume_size * input.params.gib_usd) * 100) / 100
