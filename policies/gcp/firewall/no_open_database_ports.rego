# METADATA
# title: Database and cache ports are closed to the internet
# description: >-
#   Databases and caches are made for trusted networks: many have weak or no authentication by
#   default, and a flaw in one is a flaw in the data.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_compute_firewall
# custom:
#   severity: high
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
#     ports:
#       type: list
#       default: ["1433", "1521", "2483", "2484", "3306", "5432", "6379", "7000-7001", "9042", "9160", "9200", "9300", "11211", "27017-27019"]
#       description: >-
#         Ports and ranges of databases and caches.
#   remediation: >-
#     Limit source_ranges to the networks of the applications, or use source_tags or
#     source_service_accounts.
#   terraform: |
#     resource "google_compute_firewall" "example" {
#       name    = "example"
#       network = "example"
#
#       source_ranges = ["10.10.0.0/24"]
#       target_tags   = ["database"]
#
#       allow {
#         protocol = "tcp"
#         ports    = ["5432"]
#       }
#     }
package metsuke.gcp.firewall.no_open_database_ports

import data.metsuke.lib.gcp_firewall as firewall

applicable if input.resource.attributes.direction == "INGRESS"

deny contains {"message": message, "path": "source_ranges", "defects": sources | ports} if {
	not input.resource.attributes.disabled
	sources := firewall.open_sources(input.resource.attributes.source_ranges, input.params.min_prefix)
	count(sources) > 0
	ports := {port |
		some port in input.params.ports
		some rule in input.resource.attributes.allow
		firewall.covers(rule, {"tcp"}, port)
	}
	count(ports) > 0
	message := sprintf("lets %s reach %s", [concat(", ", sources), named(ports)])
}

named(ports) := "every database port" if count(ports) == count(input.params.ports)

named(ports) := sprintf("database ports: %s", [concat(", ", ports)]) if count(ports) < count(input.params.ports)
