# METADATA
# title: Cloud SQL instances are protected from deletion
# description: >-
#   Deleting an instance deletes its automated backups with it. Deletion protection of the
#   instance holds against the console, the command line and the API; Terraform's own
#   deletion_protection argument holds only against Terraform.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_sql_database_instance
# custom:
#   severity: medium
#   category: reliability
#   plan: "yes"
#   types: [google_sql_database_instance]
#   frameworks: {cis-gcp-5.0: ["6.9"]}
#   remediation: >-
#     Turn on the protection of the instance itself, which is an argument of settings.
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
#         deletion_protection_enabled = true
#       }
#     }
package metsuke.gcp.sql.deletion_protection

applicable if input.resource.attributes.settings != null

# Settings of which a part is unknown, such as the network, are there as well.
applicable if is_string(input.resource.attributes.settings.tier)

deny contains {"message": "can be deleted by one call", "path": "settings.deletion_protection_enabled"} if {
	not input.resource.attributes.settings.deletion_protection_enabled
}
