# METADATA
# title: Cloud SQL does not authorise the whole internet
# description: >-
#   An authorised network of 0.0.0.0/0 lets the whole internet try passwords against the
#   database; a very large block is little better.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_sql_database_instance
# custom:
#   severity: critical
#   category: security
#   plan: "yes"
#   types: [google_sql_database_instance]
#   frameworks: {cis-gcp-3.0: ["6.5"], cis-gcp-4.0: ["6.5"], cis-gcp-5.0: ["6.5"]}
#   params:
#     min_prefix:
#       type: number
#       default: 16
#       description: >-
#         A block with a shorter prefix than this is too large.
#   remediation: >-
#     Authorise single addresses, or use a private address, the Cloud SQL Auth Proxy or a
#     connector.
#   terraform: |
#     resource "google_sql_database_instance" "example" {
#       name             = "example"
#       region           = "europe-west3"
#       database_version = "POSTGRES_17"
#
#       settings {
#         edition = "ENTERPRISE"
#         tier    = "db-custom-2-7680"
#
#         ip_configuration {
#           authorized_networks {
#             name  = "office"
#             value = "198.51.100.0/28"
#           }
#         }
#       }
#     }
package metsuke.gcp.sql.no_world_network

import data.metsuke.lib.gcp_firewall as firewall

deny contains {
	"message": sprintf("authorises %s", [network.value]),
	"path": "settings.ip_configuration.authorized_networks",
	"key": network.value,
} if {
	some network in input.resource.attributes.settings.ip_configuration.authorized_networks
	firewall.is_open(network.value, input.params.min_prefix)
}
