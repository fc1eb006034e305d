package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhetherAnAddressIsAssociated(t *testing.T) {
	address := res{
		address: "aws_eip.a", after: obj{"domain": "vpc", "instance": nil, "network_interface": nil, "public_ipv4_pool": nil},
		unknown: obj{"id": true, "allocation_id": true, "association_id": true, "public_ip": true, "public_ipv4_pool": true, "instance": true, "network_interface": true},
		config:  obj{"domain": "vpc"},
	}
	on := func(more obj) res {
		a := address
		a.config = obj{"domain": "vpc"}
		for k, v := range more {
			a.config[k] = v
		}
		return a
	}
	existing := func(association string) res {
		return res{
			address: "aws_eip.a", action: "no-op", config: obj{"domain": "vpc"},
			after: obj{"domain": "vpc", "id": "eipalloc-1", "allocation_id": "eipalloc-1", "association_id": association, "public_ip": "198.51.100.1", "public_ipv4_pool": "amazon", "instance": "", "network_interface": ""},
		}
	}
	for _, tt := range []struct {
		name string
		plan []res
		want any
		why  any
	}{
		{"nothing in the plan takes a new address", []res{address}, nil, "deferred"},
		{"an instance does", []res{on(obj{"instance": "=aws_instance.web.id"}), newVM(nil)}, true, nil},
		{"an association does", []res{address, {
			address: "aws_eip_association.x", after: obj{}, unknown: obj{"id": true, "allocation_id": true}, config: obj{"allocation_id": "=aws_eip.a.id"},
		}}, true, nil},
		{"a NAT gateway does", []res{address, {
			address: "aws_nat_gateway.x", after: obj{"connectivity_type": "public"}, unknown: obj{"id": true, "allocation_id": true}, config: obj{"allocation_id": "=aws_eip.a.allocation_id"},
		}}, true, nil},
		{"a load balancer does", []res{address, {
			address: "aws_lb.x", after: obj{"name": "x"}, unknown: obj{"id": true, "arn": true, "subnet_mapping": true},
			config: obj{"name": "x", "subnet_mapping": []any{obj{"allocation_id": "=aws_eip.a.id"}}},
		}}, true, nil},
		{"an existing address says so itself", []res{existing("eipassoc-1")}, true, nil},
		{"and also that it is free", []res{existing("")}, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := attributes(t, "aws_eip.a", tt.plan...)
			if got["associated"] != tt.want || got["? associated"] != tt.why || got["public_ipv4_pool"] != "amazon" || got["service_managed"] != nil {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestTheFlowLogsAndGatewaysOfAVPC(t *testing.T) {
	vpc := res{
		address: "aws_vpc.v", after: obj{"cidr_block": "10.0.0.0/16", "instance_tenancy": "default"}, unknown: obj{"id": true, "arn": true},
		config: obj{"cidr_block": "10.0.0.0/16"},
	}
	old := vpc
	old.action, old.unknown, old.after = "no-op", nil, obj{"cidr_block": "10.0.0.0/16", "instance_tenancy": "default", "id": "vpc-1"}
	log := res{
		address: "aws_flow_log.l", after: obj{"traffic_type": "REJECT", "log_destination_type": "s3"}, unknown: obj{"id": true, "vpc_id": true},
		config: obj{"vpc_id": "=aws_vpc.v.id", "traffic_type": "REJECT"},
	}
	subnet := res{address: "aws_subnet.s", after: obj{}, unknown: obj{"id": true, "vpc_id": true}, config: obj{"vpc_id": "=aws_vpc.v.id"}}
	nat := res{address: "aws_nat_gateway.n", after: obj{"connectivity_type": "public"}, unknown: obj{"id": true, "subnet_id": true}, config: obj{"subnet_id": "=aws_subnet.s.id"}}
	strangeNAT := nat
	strangeNAT.config = obj{"subnet_id": "=var.subnet"}
	logged := []any{obj{"deliver_logs_status": nil, "id": "aws_flow_log.l", "log_destination_type": "s3", "status": "ACTIVE", "traffic_type": "REJECT"}}
	base := func(more obj) obj {
		out := obj{
			"cidr_block": "10.0.0.0/16", "flow_logs": []any{}, "instance_tenancy": "default", "is_default": false, "nat_gateways": []any{}, "network_interface_count": nil,
			"? dynamodb_in_use": "deferred", "vpc_endpoints": []any{},
			"route_tables": []any{obj{"id": "aws_vpc.v/main", "main": true, "default_nat_gateway_id": nil}},
		}
		for k, v := range more {
			out[k] = v
			if k[0] == '?' {
				delete(out, k[2:])
			}
		}
		return out
	}
	for _, tt := range []struct {
		name string
		plan []res
		want obj
	}{
		{"a new VPC has what the plan gives it: nothing", []res{vpc}, base(nil)},
		{"a flow log", []res{vpc, log}, base(obj{"flow_logs": logged})},
		{"an existing VPC may have others", []res{old}, base(obj{"? flow_logs": "deferred", "? nat_gateways": "deferred", "? route_tables": "deferred", "? vpc_endpoints": "deferred"})},
		{"a NAT gateway in a subnet of it", []res{vpc, subnet, nat}, base(obj{
			"nat_gateways": []any{obj{"connectivity_type": "public", "id": "aws_nat_gateway.n", "state": "available"}},
		})},
		{"a NAT gateway in an unknown subnet", []res{vpc, strangeNAT}, base(obj{"? nat_gateways": "deferred"})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, attributes(t, "aws_vpc.v", tt.plan...)); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheListenersAndRulesOfALoadBalancer(t *testing.T) {
	lb := res{
		address: "aws_lb.b", after: obj{"name": "b", "internal": nil, "load_balancer_type": "application"},
		unknown: obj{"id": true, "arn": true, "subnets": true, "security_groups": true, "vpc_id": true}, config: obj{"name": "b"},
	}
	forward := obj{"type": "forward", "redirect": []any{}}
	redirect := obj{"type": "redirect", "redirect": []any{obj{"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301", "host": "#{host}"}}}
	listener := func(typ, name string, port int, protocol string, action obj) res {
		return res{
			address: typ + "." + name, after: obj{"port": port, "protocol": protocol, "default_action": []any{action}},
			unknown: obj{"id": true, "arn": true, "load_balancer_arn": true, "ssl_policy": true}, config: obj{"load_balancer_arn": "=aws_lb.b.arn", "port": port},
		}
	}
	rule := func(listener any, path string) res {
		return res{
			address: "aws_lb_listener_rule.r", after: obj{"priority": 10, "action": []any{redirect}, "condition": []any{obj{"path_pattern": []any{obj{"values": []any{path}}}, "host_header": []any{}}}},
			unknown: obj{"id": true, "arn": true, "listener_arn": true}, config: obj{"listener_arn": listener, "priority": 10},
		}
	}
	action := func(typ string, redirect any) []any { return []any{obj{"type": typ, "redirect": redirect}} }
	to := obj{"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}
	plain := func(id string, port int64, protocol string, actions []any) obj {
		return obj{"default_actions": actions, "id": id, "port": port, "protocol": protocol}
	}
	base := func(more obj) obj {
		out := obj{
			"internal": false, "listener_rules": []any{}, "listeners": []any{}, "load_balancer_type": "application", "state": nil,
			"? security_groups": "deferred", "? subnets": "deferred", "? target_groups": "deferred", "? vpc_id": "deferred",
		}
		for k, v := range more {
			out[k] = v
			if k[0] == '?' {
				delete(out, k[2:])
			}
		}
		return out
	}
	for _, tt := range []struct {
		name string
		plan []res
		want obj
	}{
		{"a new load balancer has the listeners of the plan: none", []res{lb}, base(nil)},
		{
			"listeners come by port, under either name",
			[]res{lb, listener("aws_lb_listener", "tls", 443, "HTTPS", forward), listener("aws_alb_listener", "plain", 80, "HTTP", redirect)},
			base(obj{
				"listeners": []any{plain("aws_alb_listener.plain", 80, "HTTP", action("redirect", to)), plain("aws_lb_listener.tls", 443, "HTTPS", action("forward", nil))},
			}),
		},
		{
			"rules of an HTTP listener belong to it",
			[]res{lb, listener("aws_lb_listener", "plain", 80, "HTTP", forward), rule("=aws_lb_listener.plain.arn", "/*")},
			base(obj{
				"listeners": []any{plain("aws_lb_listener.plain", 80, "HTTP", action("forward", nil))},
				"listener_rules": []any{obj{
					"actions": action("redirect", to), "conditions": []any{obj{"field": "path-pattern", "values": []any{"/*"}}},
					"listener": "aws_lb_listener.plain", "priority": int64(10),
				}},
			}),
		},
		{
			"rules of an unknown listener leave the rules open",
			[]res{lb, listener("aws_lb_listener", "plain", 80, "HTTP", forward), rule("=var.listener", "/*")},
			base(obj{
				"listeners":        []any{plain("aws_lb_listener.plain", 80, "HTTP", action("forward", nil))},
				"? listener_rules": "deferred",
			}),
		},
		{
			"an existing load balancer may have other listeners",
			[]res{{address: "aws_lb.b", action: "no-op", config: obj{"name": "b"}, after: obj{
				"name": "b", "internal": true, "load_balancer_type": "network", "arn": "arn:b", "id": "arn:b", "subnets": []any{"s-1"}, "security_groups": []any{}, "vpc_id": "vpc-1",
			}}},
			obj{
				"internal": true, "load_balancer_type": "network", "subnets": []any{"s-1"}, "security_groups": []any{}, "vpc_id": "vpc-1",
				"? listeners": "deferred", "? listener_rules": "deferred", "? state": "deferred", "? target_groups": "deferred",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, attributes(t, "aws_lb.b", tt.plan...)); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}
