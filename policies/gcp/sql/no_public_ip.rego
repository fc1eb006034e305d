# METADATA
# title: Cloud SQL instances have only private addresses
# description: >-
#   A database with a public address relies on its list of authorised networks and on passwords
#   alone. With a private address only, it cannot be reached from outside at all.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_sql_database_instance
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_sql_database_instance]
#   frameworks: {cis-gcp-3.0: ["6.6"], cis-gcp-4.0: ["6.6"], cis-gcp-5.0: ["6.7"]}
#   remediation: >-
#     Take the public address away and set private_network to the VPC network of the applications,
#     which needs private services access.
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
#           ipv4_enabled    = false
#           private_network = "projects/example/global/networks/example"
#         }
#       }
#     }
package metsuke.gcp.sql.no_public_ip

applicable if input.resource.attributes.instance_type == "CLOUD_SQL_INSTANCE"

deny contains {"message": "has a public address", "path": "settings.ip_configuration.ipv4_enabled"} if public

public if input.resource.attributes.settings.ip_configuration.ipv4_enabled

# The API gives a public address to an instance whose network nobody configured.
public if {
	not configured
	input.resource.attributes.settings.ip_configuration == null
}

public if {
	some address in input.resource.attributes.ip_address
	address.type == "PRIMARY"
}

# configured asks for one setting, which is known where others are not.
configured if is_boolean(input.resource.attributes.settings.ip_configuration.ipv4_enabled)
