package terraform

import (
	"cmp"
	"slices"
)

func awsLB() mapping {
	listeners := []string{"listeners", "listener_rules"}
	return mapping{
		typ:  "aws_lb",
		also: []string{"aws_alb"},
		satellites: []satellite{
			{typ: "aws_lb_listener", ref: "load_balancer_arn", by: []string{"arn", "id"}, affects: listeners},
			{typ: "aws_alb_listener", ref: "load_balancer_arn", by: []string{"arn", "id"}, affects: listeners},
		},
		settled: []string{"listener_rules", "listeners", "state"},
		attributes: map[string]func(n *node) any{
			"internal":           func(n *node) any { return or(n.at("internal"), false) },
			"listener_rules":     lbRules,
			"listeners":          lbListeners,
			"load_balancer_type": func(n *node) any { return or(n.at("load_balancer_type"), "application") },
			"state":              func(n *node) any { return notYet(n, nil) },
		},
	}
}

func listenersOf(n *node) []*node {
	return slices.Concat(n.all("aws_lb_listener"), n.all("aws_alb_listener"))
}

// lbListeners of a load balancer that exists may be managed elsewhere: that a plan
// shows none says something about a new one only.
func lbListeners(n *node) any {
	out := []any{}
	for _, l := range listenersOf(n) {
		out = append(out, map[string]any{
			"default_actions": each(l.at("default_action"), lbAction), "id": l.address, "port": l.at("port"),
			"protocol": or(l.at("protocol"), unknown{deferred}),
		})
	}
	if len(out) == 0 && !n.isNew() {
		return unknown{deferred}
	}
	slices.SortStableFunc(out, func(a, b any) int {
		x, _ := at(a, "port").(int64)
		y, _ := at(b, "port").(int64)
		return cmp.Compare(x, y)
	})
	return out
}

func lbAction(v any) any {
	redirect := then(at(v, "redirect", 0), func(r any) any {
		if r == nil {
			return nil
		}
		return map[string]any{
			"port": or(at(r, "port"), "#{port}"), "protocol": or(at(r, "protocol"), "#{protocol}"), "status_code": at(r, "status_code"),
		}
	})
	return map[string]any{"redirect": redirect, "type": at(v, "type")}
}

// lbRules are the rules of the HTTP listeners. Rules are found by what their
// listener_arn refers to, or by its value.
func lbRules(n *node) any {
	out := []any{}
	own := listenersOf(n)
	if len(own) == 0 {
		return then(lbListeners(n), func(any) any { return out })
	}
	for _, typ := range []string{"aws_lb_listener_rule", "aws_alb_listener_rule"} {
		for _, r := range n.beside(typ) {
			listener, certain := listenerOf(r, own)
			if !certain {
				return unknown{deferred}
			}
			if listener == nil || listener.at("protocol") != "HTTP" {
				continue
			}
			out = append(out, map[string]any{
				"actions": each(r.at("action"), lbAction), "conditions": each(r.at("condition"), lbCondition),
				"listener": listener.address, "priority": or(r.at("priority"), nil),
			})
		}
	}
	slices.SortStableFunc(out, func(a, b any) int {
		x, _ := at(a, "priority").(int64)
		y, _ := at(b, "priority").(int64)
		return cmp.Compare(x, y)
	})
	return out
}

// listenerOf returns to which of the listeners a rule belongs, nil for none of them.
func listenerOf(rule *node, listeners []*node) (*node, bool) {
	arn := rule.at("listener_arn")
	to, exact := rule.refs("listener_arn")
	for _, l := range listeners {
		if v := l.at("arn"); !isUnknown(arn) && !isUnknown(v) && v != nil && v == arn {
			return l, true
		}
		if exact && len(to) == 1 && to[0].address == l.address {
			return l, true
		}
	}
	return nil, !isUnknown(arn) || exact && len(to) > 0
}

func lbCondition(v any) any {
	for _, c := range []struct{ block, field string }{
		{"host_header", "host-header"},
		{"http_request_method", "http-request-method"},
		{"path_pattern", "path-pattern"},
		{"source_ip", "source-ip"},
		{"http_header", "http-header"},
		{"query_string", "query-string"},
	} {
		block := at(v, c.block, 0)
		if block == nil {
			continue
		}
		values := at(block, "values")
		if c.block == "http_header" || c.block == "query_string" {
			values = []any{}
		}
		return map[string]any{"field": c.field, "values": or(values, []any{})}
	}
	return map[string]any{"field": nil, "values": []any{}}
}
