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
#   plan: "yes"
#   types: [google_compute_instance]
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
#   terraform: |
#     resource "google_compute_instance" "example" {
#       name         = "example"
#       machine_type = "e2-small"
#       zone         = "europe-west3-a"
#
#       boot_disk {
#         initialize_params {
#           image = "debian-cloud/debian-12"
#         }
#       }
#
#       # Without access_config and ipv6_access_config there is no external address.
#       network_interface {
#         subnetwork = "example"
#       }
#     }
package metsuke.gcp.compute.no_public_ip

applicable if {
	not "goog-gke-node" in input.resource.tag_keys
	not exempt
}

exempt if {
	some key, value in input.params.exempt_labels
	input.resource.tags[key] == value
}

# Written as plain conditions: so a subnetwork that is not known yet, beside the
# addresses in the same list, leaves the verdict certain.
deny contains found(i, "IPv4") if {
	some i, _ in input.resource.attributes.network_interface
	input.resource.attributes.network_interface[i].access_config[_]
}

deny contains found(i, "IPv6") if {
	some i, _ in input.resource.attributes.network_interface
	input.resource.attributes.network_interface[i].ipv6_access_config[_]
}

found(i, family) := {
	"message": sprintf("has an external %s address on interface %d", [family, i]),
	"path": sprintf("network_interface.%d", [i]),
	"key": sprintf("nic%d %s", [i, family]),
}
