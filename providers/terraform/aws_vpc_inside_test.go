package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// network is a new VPC with a NAT gateway, to which a route table leads.
func network(more ...res) []res {
	made := func(address string, after, config obj) res {
		unknown := obj{"id": true, "arn": true}
		for k := range config {
			if _, known := after[k]; !known {
				unknown[k] = true
			}
		}
		return res{address: address, after: after, unknown: unknown, config: config}
	}
	return append([]res{
		made("aws_vpc.v", obj{"cidr_block": "10.0.0.0/16", "instance_tenancy": "default"}, obj{"cidr_block": "10.0.0.0/16"}),
		made("aws_subnet.s", obj{"cidr_block": "10.0.1.0/24"}, obj{"vpc_id": "=aws_vpc.v.id", "cidr_block": "10.0.1.0/24"}),
		made("aws_nat_gateway.n", obj{"connectivity_type": "public"}, obj{"subnet_id": "=aws_subnet.s.id"}),
		made("aws_route_table.r", obj{}, obj{"vpc_id": "=aws_vpc.v.id"}),
		made("aws_route.out", obj{"destination_cidr_block": "0.0.0.0/0"}, obj{"route_table_id": "=aws_route_table.r.id", "nat_gateway_id": "=aws_nat_gateway.n.id", "destination_cidr_block": "0.0.0.0/0"}),
	}, more...)
}

func TestANewNetworkHasTheEndpointsAndRoutesThatThePlanMakes(t *testing.T) {
	endpoint := func(tables any) res {
		e := res{
			address: "aws_vpc_endpoint.s3", after: obj{"service_name": "com.amazonaws.eu-central-1.s3", "vpc_endpoint_type": "Gateway"},
			unknown: obj{"id": true, "arn": true, "state": true, "vpc_id": true, "route_table_ids": true},
			config:  obj{"vpc_id": "=aws_vpc.v.id", "service_name": "com.amazonaws.eu-central-1.s3"},
		}
		if tables != nil {
			e.config["route_table_ids"] = tables
		}
		return e
	}
	association := res{
		address: "aws_vpc_endpoint_route_table_association.a", after: obj{}, unknown: obj{"id": true, "vpc_endpoint_id": true, "route_table_id": true},
		config: obj{"vpc_endpoint_id": "=aws_vpc_endpoint.s3.id", "route_table_id": "=aws_route_table.r.id"},
	}
	routes := []any{
		obj{"id": "aws_vpc.v/main", "main": true, "default_nat_gateway_id": nil},
		obj{"id": "aws_route_table.r", "main": false, "default_nat_gateway_id": "aws_nat_gateway.n"},
	}
	s3 := func(tables ...any) []any {
		return []any{obj{
			"id": "aws_vpc_endpoint.s3", "route_table_ids": append([]any{}, tables...), "service_name": "com.amazonaws.eu-central-1.s3",
			"state": "available", "vpc_endpoint_type": "Gateway",
		}}
	}
	for name, c := range map[string]struct {
		more []res
		want obj
	}{
		"no endpoint":                   {nil, obj{"route_tables": routes, "vpc_endpoints": []any{}}},
		"an endpoint without a table":   {[]res{endpoint(nil)}, obj{"route_tables": routes, "vpc_endpoints": s3()}},
		"an endpoint with a table":      {[]res{endpoint("=aws_route_table.r.id")}, obj{"route_tables": routes, "vpc_endpoints": s3("aws_route_table.r")}},
		"an endpoint and a table joint": {[]res{endpoint(nil), association}, obj{"route_tables": routes, "vpc_endpoints": s3("aws_route_table.r")}},
	} {
		t.Run(name, func(t *testing.T) {
			all := attributes(t, "aws_vpc.v", network(c.more...)...)
			got := obj{"route_tables": all["route_tables"], "vpc_endpoints": all["vpc_endpoints"]}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	old := network()
	old[0].action, old[0].after["id"], old[0].unknown = "no-op", "vpc-1", nil
	got := attributes(t, "aws_vpc.v", old...)
	for _, a := range []string{"? route_tables", "? vpc_endpoints"} {
		if got[a] != "deferred" {
			t.Errorf("of a VPC that exists, %s is %v", a, got[a])
		}
	}
}

// Policies pass over what came with the account, which they know by its name.
func TestOnlyWhatCameWithTheAccountIsCalledDefault(t *testing.T) {
	plan := fixture(
		t,
		res{address: "aws_default_vpc.mine", after: obj{"tags": nil}, unknown: obj{"id": true}},
		res{address: "aws_vpc.default", after: obj{"cidr_block": "10.0.0.0/16", "tags": nil}, unknown: obj{"id": true}, config: obj{"cidr_block": "10.0.0.0/16"}},
		res{address: "aws_vpc.web", after: obj{"cidr_block": "10.1.0.0/16", "tags": nil}, unknown: obj{"id": true}, config: obj{"cidr_block": "10.1.0.0/16"}},
		res{address: "aws_default_security_group.mine", after: obj{}, unknown: obj{"id": true, "name": true}},
		res{address: "aws_security_group.default", after: obj{"name_prefix": "web-"}, unknown: obj{"id": true, "name": true}, config: obj{"name_prefix": "web-"}},
		res{address: "aws_security_group.web", after: obj{"name": "shop"}, unknown: obj{"id": true}, config: obj{"name": "shop"}},
		res{address: "aws_security_group.adopted", action: "no-op", after: obj{"id": "sg-1", "name": "default"}, config: obj{"name": "default"}},
	)
	got := map[string]string{}
	for id, r := range collect(t, open(t, plan, Options{})).byID() {
		got[id] = r.Name
	}
	want := map[string]string{
		"aws_default_vpc.mine": "default", "aws_vpc.default": "aws_vpc.default", "aws_vpc.web": "web",
		"aws_default_security_group.mine": "default", "aws_security_group.default": "aws_security_group.default",
		"aws_security_group.web": "shop", "aws_security_group.adopted": "default",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
