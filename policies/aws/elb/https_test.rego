package metsuke.aws.elb.https_test

import data.metsuke.aws.elb.https

forward := [{"type": "forward", "redirect": null}]

redirect := [{"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}}]

listener(port, protocol, actions) := {"id": sprintf("listener-%d", [port]), "port": port, "protocol": protocol, "default_actions": actions}

rule(id, actions, conditions) := {"listener": id, "actions": actions, "conditions": conditions}

of(type, internal, listeners, rules, check_nlb) := {
	"resource": {"attributes": {
		"load_balancer_type": type, "internal": internal,
		"listeners": listeners, "listener_rules": rules,
	}},
	"params": {"check_nlb": check_nlb},
}

application(listeners, rules) := of("application", true, listeners, rules, false)

plain(port) := {"key": sprintf("%d", [port]), "message": sprintf("the listener on port %d serves plain HTTP", [port]), "path": "listeners"}

test_fails_for_each_listener_of_plain_http if {
	listeners := [listener(80, "HTTP", forward), listener(8080, "HTTP", forward), listener(443, "HTTPS", forward)]
	https.applicable with input as application(listeners, [])
	https.deny == {plain(80), plain(8080)} with input as application(listeners, [])
}

test_passes_where_the_default_action_redirects if {
	https.deny == set() with input as application([listener(80, "HTTP", redirect), listener(443, "HTTPS", forward)], [])
}

test_fails_where_the_redirect_is_to_http if {
	away := [{"type": "redirect", "redirect": {"protocol": "HTTP", "port": "8080", "status_code": "HTTP_302"}}]
	https.deny == {plain(80)} with input as application([listener(80, "HTTP", away)], [])
}

test_passes_where_a_rule_for_every_request_redirects if {
	every conditions in [
		[{"field": "path-pattern", "values": ["/*"]}],
		[{"field": "path-pattern", "values": ["/a", "*"]}],
		[{"field": "host-header", "values": ["*"]}, {"field": "path-pattern", "values": ["*"]}],
	] {
		https.deny == set() with input as application([listener(80, "HTTP", forward)], [rule("listener-80", redirect, conditions)])
	}
}

test_fails_where_the_redirecting_rule_fits_some_requests if {
	every r in [
		rule("listener-80", redirect, [{"field": "path-pattern", "values": ["/login"]}]),
		rule("listener-80", redirect, [{"field": "path-pattern", "values": ["*"]}, {"field": "host-header", "values": ["example.com"]}]),
		rule("listener-80", redirect, [{"field": "http-header", "values": ["*"]}]),
		rule("listener-80", forward, [{"field": "path-pattern", "values": ["*"]}]),
		rule("listener-81", redirect, [{"field": "path-pattern", "values": ["*"]}]),
	] {
		https.deny == {plain(80)} with input as application([listener(80, "HTTP", forward)], [r])
	}
}

test_network_load_balancers_are_judged_on_request if {
	listeners := [listener(443, "TCP", forward), listener(5432, "TCP", forward), listener(80, "TLS", forward)]
	not https.applicable with input as of("network", false, listeners, [], false)
	https.deny == set() with input as of("network", false, listeners, [], false)
	https.applicable with input as of("network", false, listeners, [], true)
	https.deny == {{
		"key": "443",
		"message": "the listener on port 443 is TCP and not TLS",
		"path": "listeners",
	}} with input as of("network", false, listeners, [], true)
	https.deny == set() with input as of("network", true, listeners, [], true)
}
