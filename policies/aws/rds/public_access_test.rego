package metsuke.aws.rds.public_access_test

import data.metsuke.aws.rds.public_access

of(public, route, rules) := {"resource": {"attributes": {
	"publicly_accessible": public,
	"internet_gateway_route": route,
	"ingress_from_anywhere": rules,
	"port": 3306,
}}}

public := {"message": "the endpoint is publicly accessible", "path": "publicly_accessible"}

reachable(groups) := {
	"message": sprintf("anybody on the internet reaches the database through %s", [concat(", ", groups)]),
	"path": "ingress_from_anywhere",
	"severity": "critical",
	"key": "reachable",
	"defects": {group | some group in groups},
}

rule(group, protocol, from, to) := {
	"security_group_id": group,
	"cidr": "0.0.0.0/0",
	"protocol": protocol,
	"from_port": from,
	"to_port": to,
}

test_names_every_group_that_opens_the_port if {
	rules := [rule("sg-2", "tcp", 3306, 3306), rule("sg-1", "-1", null, null), rule("sg-3", "udp", 3306, 3306), rule("sg-4", "tcp", 22, 22)]
	public_access.deny == {public, reachable(["sg-1", "sg-2"])} with input as of(true, true, rules)
}

test_is_not_reachable_without_a_route if {
	public_access.deny == {public} with input as of(true, false, [rule("sg-1", "-1", null, null)])
	public_access.deny == {public} with input as of(true, null, [rule("sg-1", "-1", null, null)])
}

test_passes_when_it_is_private if {
	public_access.deny == set() with input as of(false, true, [rule("sg-1", "-1", null, null)])
}
