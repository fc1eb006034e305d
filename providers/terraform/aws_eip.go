package terraform

import "slices"

func awsEIP() mapping {
	return mapping{
		typ: "aws_eip",
		satellites: []satellite{
			{typ: "aws_eip_association", ref: "allocation_id", by: []string{"id", "allocation_id"}, affects: []string{"associated"}},
			{typ: "aws_nat_gateway", ref: "allocation_id", by: []string{"id", "allocation_id"}, affects: []string{"associated"}},
		},
		attributes: map[string]func(n *node) any{
			"associated":        eipAssociated,
			"domain":            func(n *node) any { return or(n.at("domain"), "vpc") },
			"instance":          func(n *node) any { return or(n.at("instance"), nil) },
			"network_interface": func(n *node) any { return or(n.at("network_interface"), nil) },
			"public_ipv4_pool": func(n *node) any {
				if n.isNew() && !n.configured("public_ipv4_pool") {
					return "amazon"
				}
				return or(n.at("public_ipv4_pool"), nil)
			},
			"service_managed": func(*node) any { return nil },
		},
	}
}

// eipAssociated is true where the plan shows what has the address. A new address
// that nothing in the plan takes is unknown: what takes it may be elsewhere.
func eipAssociated(n *node) any {
	if len(n.all("aws_eip_association"))+len(n.all("aws_nat_gateway")) > 0 {
		return true
	}
	for _, a := range []string{"instance", "network_interface"} {
		if v := n.at(a); !isUnknown(v) && or(v, nil) != nil || isUnknown(v) && n.configured(a) {
			return true
		}
	}
	for _, typ := range []string{"aws_lb", "aws_alb"} {
		for _, lb := range n.beside(typ) {
			to, _ := lb.refs("subnet_mapping")
			if slices.ContainsFunc(to, func(o *node) bool { return o.address == n.address }) {
				return true
			}
		}
	}
	if n.isNew() || n.removed("aws_eip_association") || n.removed("aws_nat_gateway") {
		return unknown{deferred}
	}
	return then(n.at("association_id"), func(v any) any { return v != nil && v != "" })
}
