# METADATA
# title: Running EC2 instances do real work
# description: >-
#   An instance that neither computes nor talks is paid for by the hour all the same. Judged are instances that ran for
#   the whole window and reported on each of its days; those that did not are not judged, as silence is no proof of
#   idleness. Accelerated families are left out: CPU and network say nothing about their work.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_instance
# custom:
#   severity: medium
#   category: cost
#   types: [aws_instance]
#   plan: "no"
#   params:
#     window_days: {type: number, default: 14, description: "Whole days (UTC) that are looked at; 14 are read at most."}
#     max_cpu_percent: {type: number, default: 5, description: CPU utilisation that an idle instance stays below at all times.}
#     max_network_mb_per_day: {type: number, default: 5, description: "Traffic in and out, in millions of bytes, that it stays below every day."}
#     accelerated_families:
#       type: list
#       default: [p, g, gr, inf, trn, dl, f, vt]
#       description: Instance families with accelerators, without their generation.
#   remediation: >-
#     Ask the owner, then stop it, run it on a schedule, or terminate it; a service with little to do fits a smaller
#     type, Fargate or Lambda.
package metsuke.aws.ec2.instance_idle

import data.metsuke.lib.time as times

applicable if {
	input.resource.attributes.instance_state == "running"
	input.resource.attributes.launch_time != null
	times.ns(input.resource.attributes.launch_time) <= window_start
	not accelerated
	count(cpu) == input.params.window_days
	count(traffic) == input.params.window_days
}

deny contains {"message": message, "path": "cpu_utilization"} if {
	max(cpu) < input.params.max_cpu_percent
	max(traffic) < input.params.max_network_mb_per_day * 1000000
	message := sprintf("CPU stayed at or below %s %% and traffic at or below %s MB a day for %d days", [
		one_digit(max(cpu)),
		one_digit(max(traffic) / 1000000),
		input.params.window_days,
	])
}

midnight := times.ns(input.now) - (times.ns(input.now) % times.day_ns)

window_start := midnight - (input.params.window_days * times.day_ns)

in_window(timestamp) if {
	times.ns(timestamp) >= window_start
	times.ns(timestamp) < midnight
}

cpu := [p.value | some p in input.resource.attributes.cpu_utilization; in_window(p.start)]

traffic := [sum([i.value, o.value]) |
	some i in input.resource.attributes.network_in
	in_window(i.start)
	some o in input.resource.attributes.network_out
	o.start == i.start
]

accelerated if regex.find_n(`^[a-z]+`, input.resource.attributes.instance_type, 1)[0] in input.params.accelerated_families

one_digit(number) := sprintf("%v", [round(number * 10) / 10])
