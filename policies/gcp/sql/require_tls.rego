# METADATA
# title: Cloud SQL accepts only encrypted connections
# description: >-
#   Without enforced encryption a client that does not ask for it sends passwords and data in
#   the clear, and nobody notices.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_sql_database_instance
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_sql_database_instance]
#   frameworks: {cis-gcp-3.0: ["6.4"], cis-gcp-4.0: ["6.4"], cis-gcp-5.0: ["6.4"]}
#   remediation: >-
#     Set ssl_mode to ENCRYPTED_ONLY, or to TRUSTED_CLIENT_CERTIFICATE_REQUIRED.
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
#           ssl_mode = "ENCRYPTED_ONLY"
#         }
#       }
#     }
package metsuke.gcp.sql.require_tls

applicable if input.resource.attributes.settings != null

# Settings of which a part is unknown, such as the network, are there as well.
applicable if is_string(input.resource.attributes.settings.tier)

deny contains {"message": message, "path": "settings.ip_configuration.ssl_mode"} if {
	not encrypted
	message := "accepts connections that are not encrypted"
}

encrypted if {
	input.resource.attributes.settings.ip_configuration.ssl_mode in {"ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"}
}

encrypted if {
	input.resource.attributes.settings.ip_configuration.ssl_mode == null
	input.resource.attributes.settings.ip_configuration.require_ssl == true
}
