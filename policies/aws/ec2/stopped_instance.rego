# METADATA
# title: Stopped EC2 instances are terminated after the grace period
# description: >-
#   A stopped instance still pays for its volumes and addresses, is not patched, and may be started again with everything
#   that was known against its software since. Hibernated instances and those that a scheduler starts again are not
#   judged. Where AWS does not tell when an instance was stopped, as for stops of its own, the verdict is unknown.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_instance
# custom:
#   severity: low
#   category: cost
#   types: [aws_instance]
#   plan: "no"
#   params:
#     max_stopped_days: {type: number, default: 30, description: Days that an instance may be stopped.}
#     schedule_tag: {type: string, default: Schedule, description: Tag on instances that a scheduler starts and stops.}
#   frameworks: {fsbp: ["EC2.4"]}
#   remediation: >-
#     Make an image of the instance if it may be needed again, then terminate it and release its address.
package metsuke.aws.ec2.stopped_instance

import data.metsuke.lib.time as times

applicable if {
	input.resource.attributes.instance_state == "stopped"
	not input.resource.attributes.hibernated
	not input.params.schedule_tag in input.resource.tag_keys
}

deny contains {"message": message, "path": "stopped_at"} if {
	input.resource.attributes.stopped_at != null
	times.older_than_days(input.resource.attributes.stopped_at, input.params.max_stopped_days, input.now)
	message := sprintf("stopped for %d days", [times.age_days(input.resource.attributes.stopped_at, input.now)])
}
