# METADATA
# title: No rule opens every protocol or port to the internet
# description: >-
#   A rule that lets the whole internet reach every port makes every service on every machine
#   behind it public, those that nobody meant to publish included.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_firewall
# custom:
#   severity: critical
#   category: security
#   plan: "yes"
#   types: [google_compute_firewall]
#   params:
#     min_prefix:
#       type: number
#       default: 8
#       description: >-
#         A source block with a shorter prefix than this counts as the whole internet, as
#         0.0.0.0/0 and ::/0 do.
#   remediation: >-
#     Replace the rule by one for each service that is meant to be public, with its protocol and
#     ports.
#   terraform: |
#     resource "google_compute_firewall" "example" {
#       name    = "example"
#       network = "example"
#
#       source_ranges = ["0.0.0.0/0"]
#       target_tags   = ["web"]
#
#       allow {
#         protocol = "tcp"
#         ports    = ["443"]
#       }
#     }
package metsuke.gcp.firewall.no_open_all

import data.metsuke.lib.gcp_firewall as firewall

applicable if input.resource.attributes.direction == "INGRESS"

deny contains {"message": message, "path": "allow", "defects": sources | protocols} if {
	not input.resource.attributes.disabled
	sources := firewall.open_sources(input.resource.attributes.source_ranges, input.params.min_prefix)
	count(sources) > 0
	protocols := {rule.protocol | some rule in input.resource.attributes.allow; everything(rule)}
	count(protocols) > 0
	message := sprintf("lets %s reach every port (%s)", [concat(", ", sources), concat(", ", protocols)])
}

everything(rule) if rule.protocol == "all"

everything(rule) if {
	firewall.is_protocol(rule.protocol, {"tcp", "udp"})
	firewall.all_ports(rule.ports)
}
