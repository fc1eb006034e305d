package metsuke.aws.eip.unassociated_test

import data.metsuke.aws.eip.unassociated

of(associated, managed, pool) := {
	"resource": {"attributes": {"associated": associated, "service_managed": managed, "public_ipv4_pool": pool}},
	"params": {"hour_usd": 0.005},
}

finding(cost) := {{"message": "the address is associated with nothing", "monthly_cost_usd": cost, "path": "associated"}}

test_fails_when_it_is_associated_with_nothing if {
	unassociated.applicable with input as of(false, null, "amazon")
	unassociated.deny == finding(3.65) with input as of(false, null, "amazon")
	unassociated.deny == finding(3.65) with input as of(false, null, null)
}

test_addresses_of_the_own_pool_cost_nothing if {
	unassociated.deny == finding(0) with input as of(false, null, "ipv4pool-ec2-0123456789abcdef0")
}

test_passes_when_it_is_associated if unassociated.deny == set() with input as of(true, null, "amazon")

test_addresses_of_aws_services_are_not_judged if not unassociated.applicable with input as of(false, "alb", "amazon")
