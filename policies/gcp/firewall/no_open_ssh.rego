# METADATA
# title: SSH is not reachable from the whole internet
# description: >-
#   An SSH port that answers the whole internet is found and tried within minutes. Whether a
#   deny rule of higher priority covers it is not looked at: rules are judged one by one.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_firewall
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_compute_firewall]
#   frameworks: {cis-gcp-3.0: ["3.6"], cis-gcp-4.0: ["3.6"], cis-gcp-5.0: ["3.6"]}
#   params:
#     min_prefix:
#       type: number
#       default: 8
#       description: >-
#         A source block with a shorter prefix than this counts as the whole internet, as
#         0.0.0.0/0 and ::/0 do.
#   remediation: >-
#     Reach machines through Identity-Aware Proxy and allow its block alone.
#   terraform: |
#     resource "google_compute_firewall" "example" {
#       name    = "example"
#       network = "example"
#
#       source_ranges = ["35.235.240.0/20"]
#       target_tags   = ["ssh"]
#
#       allow {
#         protocol = "tcp"
#         ports    = ["22"]
#       }
#     }
package metsuke.gcp.firewall.no_open_ssh

import data.metsuke.lib.gcp_firewall as firewall

applicable if input.resource.attributes.direction == "INGRESS"

deny contains {"message": message, "path": "source_ranges", "defects": sources} if {
	not input.resource.attributes.disabled
	sources := firewall.open_sources(input.resource.attributes.source_ranges, input.params.min_prefix)
	count(sources) > 0
	some rule in input.resource.attributes.allow
	firewall.covers(rule, {"tcp"}, "22")
	message := sprintf("lets %s reach port 22", [concat(", ", sources)])
}
