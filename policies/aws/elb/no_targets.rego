# METADATA
# title: Load balancers have registered targets
# description: >-
#   A load balancer without a listener, or whose target groups are all empty, is paid for by the hour and serves nobody.
#   Whether targets are healthy does not matter here. One that only redirects or answers by itself has no target
#   groups and passes.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_lb
# custom:
#   severity: medium
#   category: cost
#   types: [aws_lb]
#   plan: "no"
#   params:
#     min_age_days: {type: number, default: 7, description: Days that a new load balancer may stay empty.}
#     hour_usd:
#       type: map
#       default: {application: 0.0225, network: 0.0225, gateway: 0.0125}
#       description: Price per hour by type, without what is paid for use; default of us-east-1.
#   remediation: >-
#     Register targets (aws_lb_target_group_attachment, or the service of ECS or EKS that should), or delete the load
#     balancer with its target groups.
package metsuke.aws.elb.no_targets

import data.metsuke.lib.time as times

applicable if {
	input.resource.created != null
	times.older_than_days(input.resource.created, input.params.min_age_days, input.now)
}

deny contains {"message": "the load balancer has no listener", "monthly_cost_usd": cost, "path": "listeners"} if {
	input.resource.attributes.listeners == []
}

deny contains {"message": message, "monthly_cost_usd": cost, "path": "target_groups"} if {
	input.resource.attributes.listeners != []
	input.resource.attributes.target_groups != []
	every g in input.resource.attributes.target_groups { g.targets == 0 }
	message := sprintf("no target is registered in %s", [concat(", ", [g.name | some g in input.resource.attributes.target_groups])])
}

cost := round((object.get(input.params.hour_usd, input.resource.attributes.load_balancer_type, 0) * 730) * 100) / 100
