# METADATA
# title: EBS volumes are attached to an instance
# description: >-
#   A volume costs the same whether anything uses it or not, and it holds data that nobody looks after. Its age counts
#   from the last time it was detached, as far as the event history of CloudTrail tells (90 days); a volume that came
#   off when its instance was terminated is not in there, and its age counts from its creation.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_ebs_volume
# custom:
#   severity: medium
#   category: cost
#   types: [aws_ebs_volume]
#   plan: "no"
#   params:
#     min_age_days: {type: number, default: 14, description: Days that a volume may be unattached.}
#     keep_tag: {type: string, default: DoNotDelete, description: Tag on volumes that are kept on purpose.}
#     gib_usd:
#       type: map
#       default: {gp2: 0.1, gp3: 0.08, io1: 0.125, io2: 0.125, st1: 0.045, sc1: 0.015, standard: 0.05}
#       description: Price per GiB and month by volume type; default of us-east-1.
#     iops_usd: {type: number, default: 0.065, description: Price of io1 and io2 per IOPS and month.}
#     gp3_iops_usd: {type: number, default: 0.005, description: Price of gp3 per IOPS and month above 3000.}
#     gp3_mibps_usd: {type: number, default: 0.04, description: Price of gp3 per MiB/s and month above 125.}
#   remediation: >-
#     Snapshot the volume if its data may be needed, then delete it; tag it with the keep tag if it stays on purpose.
package metsuke.aws.ebs.unattached_volume

import data.metsuke.lib.time as times

applicable if {
	input.resource.created != null
	not input.params.keep_tag in input.resource.tag_keys
}

deny contains {"message": message, "monthly_cost_usd": cost, "path": "state"} if {
	input.resource.attributes.state == "available"
	input.resource.created != null
	times.older_than_days(input.resource.created, input.params.min_age_days, input.now)
	since_detached
	message := sprintf("%s volume of %d GiB is attached to nothing%s", [input.resource.attributes.type, input.resource.attributes.size, since])
}

since_detached if input.resource.attributes.detached_at == null

since_detached if {
	input.resource.attributes.detached_at != null
	times.older_than_days(input.resource.attributes.detached_at, input.params.min_age_days, input.now)
}

since := sprintf("; created %d days ago", [times.age_days(input.resource.created, input.now)]) if input.resource.attributes.detached_at == null

since := sprintf("; detached %d days ago", [times.age_days(input.resource.attributes.detached_at, input.now)]) if {
	input.resource.attributes.detached_at != null
}

cost := round(((input.resource.attributes.size * object.get(input.params.gib_usd, input.resource.attributes.type, 0)) + provisioned) * 100) / 100

provisioned := input.resource.attributes.iops * input.params.iops_usd if input.resource.attributes.type in {"io1", "io2"}

provisioned := (max([0, input.resource.attributes.iops - 3000]) * input.params.gp3_iops_usd) + (max([0, input.resource.attributes.throughput - 125]) * input.params.gp3_mibps_usd) if {
	input.resource.attributes.type == "gp3"
}

provisioned := 0 if not input.resource.attributes.type in {"io1", "io2", "gp3"}
