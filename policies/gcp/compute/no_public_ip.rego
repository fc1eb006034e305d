# METADATA
# title: VMs have no external IP address
# description: >-
#   A VM with an external address is one firewall rule away from the internet. Load balancers
#   publish services and Cloud NAT lets machines out without one.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_instance
# custom:
#   severity: high
#   category: security
#   types: [google_compute_instance]
#   plan: "yes"
#   frameworks: {cis-gcp-3.0: ["4.9"], cis-gcp-4.0: ["4.9"], cis-gcp-5.0: ["4.9"]}
#   params:
#     exempt_labels:
#       type: map
#       default: {role: bastion}
#       description: >-
#         Labels, any of which exempts a VM.
#   remediation: >-
#     Leave access_config and ipv6_access_config out of network_interface; use a load balancer
#     for what comes in and Cloud NAT for what goes out.
package metsuke.gcp.compute.no_public_ip

applicable if {
	not "goog-gke-node" in object.keys(input.resource.tags)
	not exempt
}

exempt if {
	some key, value in input.params.exempt_labels
	input.resource.tags[key] == value
}

deny contains {"message": message, "path": sprintf("network_interface.%d", [i]), "key": sprintf("nic%d", [i])} if {
	some i, nic in input.resource.attributes.network_interface
	addresses := array.concat(
		[address | some config in nic.access_config; address := shown(config.nat_ip, "IPv4")],
		[address | some config in nic.ipv6_access_config; address := shown(config.external_ipv6, "IPv6")],
	)
	count(addresses) > 0
	message := sprintf("has an external address on interface %d: %s", [i, concat(", ", addresses)])
}

shown(address, _) := address if address != null

shown(null, family) := sprintf("an %s address assigned later", [family])
