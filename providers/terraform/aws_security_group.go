package terraform

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

const (
	sgRule    = "aws_security_group_rule"
	sgIngress = "aws_vpc_security_group_ingress_rule"
	sgEgress  = "aws_vpc_security_group_egress_rule"
)

func awsSecurityGroup() mapping {
	rules := []string{"ingress", "egress", "prefix_list_cidrs"}
	return mapping{
		typ:  "aws_security_group",
		also: []string{"aws_default_security_group"},
		satellites: []satellite{
			{typ: sgRule, ref: "security_group_id", by: []string{"id"}, affects: rules, alone: true},
			{typ: sgIngress, ref: "security_group_id", by: []string{"id"}, affects: []string{"ingress", "prefix_list_cidrs"}, alone: true},
			{typ: sgEgress, ref: "security_group_id", by: []string{"id"}, affects: []string{"egress", "prefix_list_cidrs"}, alone: true},
		},
		called: func(n *node) string {
			if n.typ == "aws_default_security_group" {
				return defaultName
			}
			if s, ok := n.at("name").(string); ok && s != "" {
				return s
			}
			return notDefault(n, n.title())
		},
		without: map[string]func(live, planned []any) []any{"ingress": withoutRules, "egress": withoutRules},
		attributes: map[string]func(n *node) any{
			"egress":             func(n *node) any { return sgRules(n, "egress", sgEgress) },
			"ingress":            func(n *node) any { return sgRules(n, "ingress", sgIngress) },
			"network_interfaces": func(*node) any { return nil },
			"name": func(n *node) any {
				if n.typ == "aws_default_security_group" {
					return defaultName
				}
				if v := n.at("name"); !isUnknown(v) || !n.isNew() || n.configured("name") {
					return v
				}
				// The provider makes one up, and it is not the one that matters: default.
				return fmt.Sprintf("%v(known after apply)", or(str(n.at("name_prefix")), ""))
			},
			// What is in a prefix list is known to AWS; the plan names lists only.
			"prefix_list_cidrs": func(n *node) any {
				for _, rules := range []any{sgRules(n, "ingress", sgIngress), sgRules(n, "egress", sgEgress)} {
					l, ok := rules.([]any)
					if !ok && rules != (unknown{providers.Outside}) {
						return unknown{deferred}
					}
					for _, r := range l {
						if r == (unknown{providers.Outside}) {
							continue
						}
						if ids, ok := at(r, "prefix_list_ids").([]any); !ok || len(ids) > 0 {
							return unknown{deferred}
						}
					}
				}
				if n.outside() {
					return unknown{providers.Outside} // what is there names its own lists
				}
				return map[string]any{}
			},
		},
	}
}

// sgRules returns the rules of one direction: those of the group's own blocks and
// those that are resources of their own. Blocks that nobody wrote are what AWS had
// when the plan was made: they stand but for the rules that the plan takes away.
func sgRules(n *node, direction, typ string) any {
	var own, past []any
	form := func(s *node) any {
		if s.typ == sgRule {
			return sgRuleOf(n, s, s.at("cidr_blocks"), s.at("ipv6_cidr_blocks"), s.at("prefix_list_ids"), "source_security_group_id", "protocol")
		}
		return sgRuleOf(n, s, listOf(s.at("cidr_ipv4")), listOf(s.at("cidr_ipv6")), listOf(s.at("prefix_list_id")), "referenced_security_group_id", "ip_protocol")
	}
	for _, s := range slices.Concat(n.all(sgRule), n.all(typ)) {
		if d := s.at("type"); s.typ == sgRule && d != direction {
			if isUnknown(d) {
				return d
			}
			continue
		}
		own = append(own, form(s))
		if s.action == "update" || s.action == "replace" {
			past = append(past, form(s.before()))
		}
	}
	for _, s := range slices.Concat(n.gone[sgRule], n.gone[typ]) {
		if s.typ != sgRule || s.at("type") == direction {
			past = append(past, form(s))
		}
	}
	inline := n.at(direction)
	switch {
	case n.outside():
		if len(own) == 0 {
			return unknown{providers.Outside}
		}
		return append(mergeRules(own), unknown{providers.Outside}) // it may have more
	case n.configured(direction):
		return then(inline, func(v any) any {
			l, _ := v.([]any)
			return mergeRules(append(slices.Clone(l), own...))
		})
	case isUnknown(inline) || inline == nil:
		// Terraform creates a group without the rule for all egress that AWS adds.
		return mergeRules(own)
	}
	return then(inline, func(v any) any {
		l, _ := v.([]any)
		return mergeRules(append(withoutRules(mergeRules(slices.Clone(l)), mergeRules(past)), own...))
	})
}

// sgSources are the lists of what a rule lets in.
func sgSources() []string {
	return []string{"cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"}
}

// sgRuleOf gives a rule that is a resource of its own the form of a block.
func sgRuleOf(n, s *node, v4, v6, lists any, source, protocol string) any {
	groups := listOf(s.at(source))
	self := or(s.at("self"), false)
	switch id := s.at(source).(type) {
	case string:
		if id != "" && n.at("id") == any(id) {
			groups, self = []any{}, true
		}
	case unknown:
		if to, exact := s.refs(source); exact && len(to) == 1 && to[0].address == n.address {
			groups, self = []any{}, true
		}
	}
	return map[string]any{
		"cidr_blocks": or(v4, []any{}), "ipv6_cidr_blocks": or(v6, []any{}), "prefix_list_ids": or(lists, []any{}),
		"security_groups": groups, "self": self, "description": s.at("description"),
		"from_port": or(s.at("from_port"), int64(0)), "to_port": or(s.at("to_port"), int64(0)), "protocol": s.at(protocol),
	}
}

// listOf returns a list of the one value, an empty one for none. Whether an unknown
// value is one is not known either.
func listOf(v any) any {
	return then(v, func(v any) any {
		if v == nil || v == "" {
			return []any{}
		}
		return []any{v}
	})
}

// mergeRules writes protocols in one way and puts rules together that differ in
// their sources only, as the EC2 API does.
func mergeRules(rules []any) []any {
	lists := sgSources()
	var out []any
next:
	for _, r := range rules {
		m, ok := r.(map[string]any)
		if !ok {
			out = append(out, r)
			continue
		}
		m["protocol"] = then(m["protocol"], protocolName)
		m["description"] = or(m["description"], nil)
		for _, o := range out {
			if o, ok := o.(map[string]any); ok && sameRule(o, m, lists) {
				for _, l := range lists {
					a, _ := o[l].([]any)
					b, _ := m[l].([]any)
					o[l] = distinct(slices.Concat(a, b))
				}
				o["self"] = o["self"] == true || m["self"] == true
				continue next
			}
		}
		out = append(out, m)
	}
	if out == nil {
		return []any{}
	}
	return out
}

// sameRule reports whether two rules can be put together without losing what is
// unknown about either.
func sameRule(a, b map[string]any, lists []string) bool {
	for _, k := range []string{"protocol", "from_port", "to_port", "description"} {
		if isUnknown(a[k]) || !reflect.DeepEqual(a[k], b[k]) {
			return false
		}
	}
	for _, k := range append([]string{"self"}, lists...) {
		if isUnknown(a[k]) || isUnknown(b[k]) {
			return false
		}
	}
	return true
}

func protocolName(v any) any {
	s, _ := v.(string)
	switch s = strings.ToLower(s); s {
	case "all":
		return "-1"
	case "1":
		return "icmp"
	case "6":
		return "tcp"
	case "17":
		return "udp"
	case "58":
		return "icmpv6"
	}
	return s
}

// withoutRules takes the sources of planned rules out of live ones with the same
// protocol and ports: EC2 has a source once for these, whatever its description.
func withoutRules(live, planned []any) []any {
	lists := sgSources()
	var out []any
	for _, l := range live {
		rule, ok := l.(map[string]any)
		if !ok {
			out = append(out, l)
			continue
		}
		rule = maps.Clone(rule)
		left, matched := rule["self"] == true, false
		for _, p := range planned {
			p, ok := p.(map[string]any)
			if !ok || !samePorts(rule, p) {
				continue
			}
			matched = true
			for _, name := range lists {
				gone := listIn(p[name])
				rule[name] = slices.DeleteFunc(slices.Clone(listIn(rule[name])), func(v any) bool {
					return slices.ContainsFunc(gone, func(g any) bool { return reflect.DeepEqual(g, v) })
				})
			}
			left = left && p["self"] != true
		}
		if !matched {
			out = append(out, l)
			continue
		}
		rule["self"] = left
		if left || slices.ContainsFunc(lists, func(name string) bool { return len(listIn(rule[name])) > 0 }) {
			out = append(out, rule)
		}
	}
	return out
}

// samePorts reports whether two rules are about the same protocol and ports. Of all
// protocols the ports mean nothing.
func samePorts(a, b map[string]any) bool {
	return a["protocol"] == b["protocol"] && (a["protocol"] == "-1" || a["from_port"] == b["from_port"] && a["to_port"] == b["to_port"])
}
