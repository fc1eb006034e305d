package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func rule(changes obj) obj {
	r := obj{
		"cidr_blocks": []any{}, "description": nil, "from_port": int64(0), "ipv6_cidr_blocks": []any{}, "prefix_list_ids": []any{},
		"protocol": "tcp", "security_groups": []any{}, "self": false, "to_port": int64(0),
	}
	for k, v := range changes {
		r[k] = v
	}
	return r
}

func newGroup(after, config obj) res {
	g := res{
		address: "aws_security_group.g", after: obj{"name": "g", "description": "web", "vpc_id": "vpc-1"},
		unknown: obj{"id": true, "arn": true, "ingress": true, "egress": true}, config: obj{"name": "g"},
	}
	for k, v := range after {
		g.after[k] = v
		delete(g.unknown, k)
	}
	for k, v := range config {
		g.config[k] = v
	}
	return g
}

func group(changes obj) obj {
	g := obj{
		"description": "web", "egress": []any{}, "ingress": []any{}, "name": "g", "network_interfaces": nil, "prefix_list_cidrs": obj{}, "vpc_id": "vpc-1",
	}
	for k, v := range changes {
		g[k] = v
	}
	return g
}

func TestTheRulesOfASecurityGroup(t *testing.T) {
	ref := "=aws_security_group.g.id"
	vpcRule := func(typ, name string, after, config obj) res {
		all := obj{"cidr_ipv4": nil, "cidr_ipv6": nil, "description": nil, "from_port": 443, "to_port": 443, "ip_protocol": "tcp", "prefix_list_id": nil, "referenced_security_group_id": nil}
		for k, v := range after {
			all[k] = v
		}
		c := obj{"security_group_id": ref}
		for k, v := range config {
			c[k] = v
		}
		return res{address: typ + "." + name, after: all, unknown: obj{"id": true, "security_group_id": true}, config: c}
	}
	for _, tt := range []struct {
		name string
		plan []res
		want obj
	}{
		{"a new group without rules has none", []res{newGroup(nil, nil)}, group(nil)},
		{
			"a name that the provider makes up is another than that of the default group",
			[]res{func() res {
				g := newGroup(obj{"name_prefix": "web-"}, obj{"name_prefix": "web-"})
				delete(g.after, "name")
				delete(g.config, "name")
				g.unknown["name"] = true
				return g
			}()},
			group(obj{"name": "web-(known after apply)"}),
		},
		{
			"blocks are rules",
			[]res{newGroup(obj{"ingress": []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}, "description": "", "from_port": 22, "to_port": 22})}}, obj{"ingress": []any{obj{"from_port": 22}}})},
			group(obj{"ingress": []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}, "from_port": int64(22), "to_port": int64(22)})}}),
		},
		{
			"rules of their own are put together by protocol and port",
			[]res{
				newGroup(nil, nil),
				vpcRule(sgIngress, "a", obj{"cidr_ipv4": "10.0.0.0/8"}, nil),
				vpcRule(sgIngress, "b", obj{"cidr_ipv6": "::/0"}, nil),
				vpcRule(sgEgress, "c", obj{"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "-1", "from_port": nil, "to_port": nil}, nil),
			},
			group(obj{
				"ingress": []any{rule(obj{"cidr_blocks": []any{"10.0.0.0/8"}, "ipv6_cidr_blocks": []any{"::/0"}, "from_port": int64(443), "to_port": int64(443)})},
				"egress":  []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}, "protocol": "-1"})},
			}),
		},
		{
			"a rule resource has its direction in its type argument",
			[]res{
				newGroup(nil, nil),
				{
					address: sgRule + ".a",
					after:   obj{"type": "ingress", "cidr_blocks": []any{"10.0.0.0/8"}, "ipv6_cidr_blocks": nil, "prefix_list_ids": nil, "source_security_group_id": nil, "self": false, "protocol": "6", "from_port": 80, "to_port": 81, "description": nil},
					unknown: obj{"id": true, "security_group_id": true}, config: obj{"security_group_id": ref},
				},
			},
			group(obj{"ingress": []any{rule(obj{"cidr_blocks": []any{"10.0.0.0/8"}, "from_port": int64(80), "to_port": int64(81)})}}),
		},
		{
			"a rule from the group itself is one of its members",
			[]res{
				newGroup(nil, nil),
				func() res {
					r := vpcRule(sgIngress, "a", nil, obj{"referenced_security_group_id": ref})
					delete(r.after, "referenced_security_group_id")
					r.unknown["referenced_security_group_id"] = true
					return r
				}(),
			},
			group(obj{"ingress": []any{rule(obj{"self": true, "from_port": int64(443), "to_port": int64(443)})}}),
		},
		{
			"a source that is not known yet is unknown, the rest of the rule is not",
			[]res{
				newGroup(nil, nil),
				func() res {
					r := vpcRule(sgIngress, "a", nil, obj{"cidr_ipv4": "=aws_eip.e.public_ip"})
					delete(r.after, "cidr_ipv4")
					r.unknown["cidr_ipv4"] = true
					return r
				}(),
			},
			group(obj{
				"ingress":                 []any{rule(obj{"cidr_blocks": nil, "from_port": int64(443), "to_port": int64(443)})},
				"? ingress.0.cidr_blocks": "deferred",
			}),
		},
		{
			"what is in a prefix list is not known",
			[]res{newGroup(nil, nil), vpcRule(sgIngress, "a", obj{"prefix_list_id": "pl-1"}, nil)},
			func() obj {
				g := group(obj{"ingress": []any{rule(obj{"prefix_list_ids": []any{"pl-1"}, "from_port": int64(443), "to_port": int64(443)})}, "? prefix_list_cidrs": "deferred"})
				delete(g, "prefix_list_cidrs")
				return g
			}(),
		},
		{
			"rules read back from AWS stand while the plan changes none",
			[]res{
				{
					address: "aws_security_group.g", action: "no-op", config: obj{"name": "g"},
					after: obj{"id": "sg-1", "name": "g", "description": "web", "vpc_id": "vpc-1", "egress": []any{}, "ingress": []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}})}},
				},
			},
			group(obj{"ingress": []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}})}}),
		},
		{
			"a rule that the plan deletes is gone although AWS still has it",
			[]res{
				{
					address: "aws_security_group.g", action: "no-op", config: obj{"name": "g"},
					after: obj{"id": "sg-1", "name": "g", "description": "web", "vpc_id": "vpc-1", "egress": []any{rule(nil)}, "ingress": []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}})}},
				},
				{address: sgRule + ".a", action: "delete", after: obj{"type": "ingress", "security_group_id": "sg-1", "cidr_blocks": []any{"0.0.0.0/0"}, "protocol": "tcp", "from_port": 0, "to_port": 0}},
			},
			group(obj{"egress": []any{rule(nil)}}),
		},
		{
			"a rule that somebody else manages stands beside one that the plan adds",
			[]res{
				{
					address: "aws_security_group.g", action: "no-op", config: obj{"name": "g"},
					after: obj{"id": "sg-1", "name": "g", "description": "web", "vpc_id": "vpc-1", "egress": []any{}, "ingress": []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}})}},
				},
				{address: sgRule + ".a", after: obj{"type": "ingress", "security_group_id": "sg-1", "cidr_blocks": []any{"10.0.0.0/8"}, "protocol": "tcp", "from_port": 80, "to_port": 80}},
			},
			group(obj{"ingress": []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}}), rule(obj{"cidr_blocks": []any{"10.0.0.0/8"}, "from_port": int64(80), "to_port": int64(80)})}}),
		},
		{
			"a rule of which the plan changes the source keeps the new one only",
			[]res{
				{
					address: "aws_security_group.g", action: "no-op", config: obj{"name": "g"},
					after: obj{"id": "sg-1", "name": "g", "description": "web", "vpc_id": "vpc-1", "egress": []any{}, "ingress": []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0", "192.0.2.0/24"}})}},
				},
				{
					address: sgRule + ".a", action: "update", before: obj{"type": "ingress", "security_group_id": "sg-1", "cidr_blocks": []any{"0.0.0.0/0"}, "protocol": "tcp", "from_port": 0, "to_port": 0},
					after: obj{"type": "ingress", "security_group_id": "sg-1", "cidr_blocks": []any{"10.0.0.0/8"}, "protocol": "tcp", "from_port": 0, "to_port": 0},
				},
			},
			group(obj{"ingress": []any{rule(obj{"cidr_blocks": []any{"192.0.2.0/24", "10.0.0.0/8"}})}}),
		},
		{
			"a rule that was not read back yet counts when nothing changes",
			[]res{
				{
					address: "aws_security_group.g", action: "no-op", config: obj{"name": "g"},
					after: obj{"id": "sg-1", "name": "g", "description": "web", "vpc_id": "vpc-1", "egress": []any{}, "ingress": []any{}},
				},
				{address: sgRule + ".a", action: "no-op", after: obj{"type": "ingress", "security_group_id": "sg-1", "cidr_blocks": []any{"0.0.0.0/0"}, "protocol": "tcp", "from_port": 22, "to_port": 22}},
			},
			group(obj{"ingress": []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}, "from_port": int64(22), "to_port": int64(22)})}}),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, attributes(t, "aws_security_group.g", tt.plan...)); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheDefaultSecurityGroupIsASecurityGroup(t *testing.T) {
	p := open(t, fixture(t, res{
		address: "aws_default_security_group.d", after: obj{"vpc_id": "vpc-1"}, unknown: obj{"id": true, "name": true, "description": true, "ingress": true, "egress": true},
		config: obj{"vpc_id": "vpc-1"},
	}), Options{})
	got := collect(t, p).resources
	if len(got) != 1 || got[0].Type != "aws_security_group" || got[0].Attributes["name"] != "default" || got[0].Unknown["ingress"] != "" {
		t.Errorf("got %+v", got)
	}
}
