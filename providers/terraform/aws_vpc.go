package terraform

import "slices"

func awsVPC() mapping {
	return mapping{
		typ:  "aws_vpc",
		also: []string{"aws_default_vpc"},
		satellites: []satellite{
			{typ: "aws_flow_log", ref: "vpc_id", by: []string{"id"}, affects: []string{"flow_logs"}},
		},
		called: func(n *node) string {
			if n.typ == "aws_default_vpc" {
				return defaultName
			}
			return notDefault(n, n.title())
		},
		settled: []string{"flow_logs"},
		attributes: map[string]func(n *node) any{
			"dynamodb_in_use": func(n *node) any {
				if len(n.beside("aws_dynamodb_table")) > 0 {
					return true
				}
				return unknown{deferred}
			},
			"flow_logs":               vpcFlowLogs,
			"instance_tenancy":        func(n *node) any { return or(n.at("instance_tenancy"), "default") },
			"is_default":              func(n *node) any { return n.typ == "aws_default_vpc" },
			"nat_gateways":            vpcNATGateways,
			"network_interface_count": func(*node) any { return nil },
			"route_tables":            vpcRouteTables,
			"vpc_endpoints":           vpcEndpoints,
		},
	}
}

// defaultName is what AWS and the live inventory call the VPC that came with the account,
// and the security group that came with a VPC.
const defaultName = "default"

// notDefault is a name that was not given to the resource but made up for it, such as the
// one that it has in the configuration. It is not that of AWS's own, which policies pass over.
func notDefault(n *node, name string) string {
	if name == defaultName {
		return n.address
	}
	return name
}

// vpcFlowLogs of a VPC that exists may be managed elsewhere: that a plan shows none
// says something about a new one only.
func vpcFlowLogs(n *node) any {
	out := []any{}
	for _, s := range n.all("aws_flow_log") {
		out = append(out, map[string]any{
			"deliver_logs_status": nil, "id": s.address, "log_destination_type": or(s.at("log_destination_type"), "cloud-watch-logs"),
			"status": "ACTIVE", "traffic_type": or(s.at("traffic_type"), nil),
		})
	}
	if len(out) == 0 && (!n.isNew() || n.typ == "aws_default_vpc") {
		return unknown{deferred}
	}
	return out
}

// vpcNATGateways are found through their subnets. A new VPC has none of which the
// plan does not know.
func vpcNATGateways(n *node) any {
	if !n.isNew() || n.typ == "aws_default_vpc" {
		return unknown{deferred}
	}
	out := []any{}
	for _, g := range n.beside("aws_nat_gateway") {
		subnets, exact := g.refs("subnet_id")
		if !exact || len(subnets) != 1 {
			return unknown{deferred}
		}
		vpcs, exact := subnets[0].refs("vpc_id")
		if !exact {
			return unknown{deferred}
		}
		if slices.ContainsFunc(vpcs, func(v *node) bool { return v.address == n.address }) {
			out = append(out, map[string]any{"connectivity_type": or(g.at("connectivity_type"), "public"), "id": g.address, "state": "available"})
		}
	}
	return out
}
