package metsuke.aws.vpc.default_sg_closed_test

import data.metsuke.aws.vpc.default_sg_closed

rule := {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}

of(name, ingress, egress) := {"resource": {"attributes": {"name": name, "ingress": ingress, "egress": egress}}}

inbound := {"key": "ingress", "message": "the default group has inbound rules", "path": "ingress"}

outbound := {"key": "egress", "message": "the default group has outbound rules", "path": "egress"}

test_fails_once_for_each_direction if {
	default_sg_closed.applicable with input as of("default", [rule, rule], [rule])
	default_sg_closed.deny == {inbound, outbound} with input as of("default", [rule, rule], [rule])
	default_sg_closed.deny == {inbound} with input as of("default", [rule], [])
	default_sg_closed.deny == {outbound} with input as of("default", [], [rule])
}

test_passes_without_rules if default_sg_closed.deny == set() with input as of("default", [], [])

test_other_groups_are_not_judged if not default_sg_closed.applicable with input as of("web", [rule], [rule])
