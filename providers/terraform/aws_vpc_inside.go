package terraform

import "slices"

// What is in a VPC is found by what refers to it: only of a new one does the plan know
// everything.

// members returns the resources of the type beside a new VPC that are in it; false where
// that cannot be told of one. They are found by what their attribute refers to.
func (n *node) members(typ, attribute string) ([]*node, bool) {
	if !n.isNew() || n.typ == "aws_default_vpc" {
		return nil, false
	}
	var out []*node
	for _, m := range n.beside(typ) {
		vpcs, exact := m.refs(attribute)
		if !exact {
			return nil, false
		}
		if slices.ContainsFunc(vpcs, func(v *node) bool { return v.address == n.address }) {
			out = append(out, m)
		}
	}
	return out, true
}

// vpcEndpoints of a new VPC are those that the plan makes in it.
func vpcEndpoints(n *node) any {
	endpoints, ok := n.members("aws_vpc_endpoint", "vpc_id")
	if !ok {
		return unknown{deferred}
	}
	out := []any{}
	for _, e := range endpoints {
		out = append(out, map[string]any{
			"id": e.address, "service_name": e.at("service_name"), "state": "available",
			"vpc_endpoint_type": vpcEndpointType(e), "route_table_ids": vpcEndpointTables(e),
		})
	}
	return out
}

func vpcEndpointType(e *node) any {
	v := e.at("vpc_endpoint_type")
	if isUnknown(v) && e.configured("vpc_endpoint_type") {
		return v
	}
	if isUnknown(v) {
		v = nil
	}
	return or(v, "Gateway")
}

// vpcEndpointTables are the addresses of the route tables that lead to an endpoint.
func vpcEndpointTables(e *node) any {
	tables, exact := e.refs("route_table_ids")
	if !exact {
		return unknown{deferred}
	}
	out := []any{}
	for _, a := range e.beside("aws_vpc_endpoint_route_table_association") {
		to, exact := a.refs("vpc_endpoint_id")
		if !exact {
			return unknown{deferred}
		}
		if !slices.ContainsFunc(to, func(o *node) bool { return o.address == e.address }) {
			continue
		}
		more, exact := a.refs("route_table_id")
		if !exact {
			return unknown{deferred}
		}
		tables = append(tables, more...)
	}
	for _, t := range tables {
		out = append(out, t.address)
	}
	return distinct(out)
}

// vpcRouteTables of a new VPC are those that the plan makes, and its main one, which has no
// route that leads out unless the plan adopts it.
func vpcRouteTables(n *node) any {
	tables, ok := n.members("aws_route_table", "vpc_id")
	adopted, also := n.members("aws_default_route_table", "default_route_table_id")
	if !ok || !also {
		return unknown{deferred}
	}
	out := []any{}
	if len(adopted) == 0 {
		out = append(out, map[string]any{"id": n.address + "/main", "main": true, "default_nat_gateway_id": nil})
	}
	for i, t := range slices.Concat(adopted, tables) {
		out = append(out, map[string]any{"id": t.address, "main": i < len(adopted), "default_nat_gateway_id": vpcDefaultNAT(t)})
	}
	return out
}

// vpcDefaultNAT is the NAT gateway to which a new route table's route for 0.0.0.0/0 leads.
func vpcDefaultNAT(t *node) any {
	routes := t.at("route")
	if isUnknown(routes) && t.configured("route") {
		return routes
	}
	for _, r := range listIn(routes) {
		if to := at(r, "cidr_block"); isUnknown(to) || to == "0.0.0.0/0" {
			return vpcNAT(t, "route", at(r, "nat_gateway_id"), to)
		}
	}
	for _, r := range t.beside("aws_route") {
		of, exact := r.refs("route_table_id")
		if !exact {
			return unknown{deferred}
		}
		if !slices.ContainsFunc(of, func(o *node) bool { return o.address == t.address }) {
			continue
		}
		if to := r.at("destination_cidr_block"); isUnknown(to) || to == "0.0.0.0/0" {
			gateway := r.at("nat_gateway_id")
			if isUnknown(gateway) && !r.configured("nat_gateway_id") {
				gateway = nil
			}
			return vpcNAT(r, "nat_gateway_id", gateway, to)
		}
	}
	return nil
}

// vpcNAT is the address of the NAT gateway that an attribute refers to, for a route to a
// destination.
func vpcNAT(n *node, attribute string, gateway, destination any) any {
	switch {
	case isUnknown(destination):
		return destination
	case !isUnknown(gateway):
		return or(gateway, nil)
	}
	to, exact := n.refs(attribute)
	to = slices.DeleteFunc(to, func(o *node) bool { return o.typ != "aws_nat_gateway" })
	if !exact || len(to) != 1 {
		return gateway
	}
	return to[0].address
}
