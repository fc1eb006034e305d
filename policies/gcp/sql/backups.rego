# METADATA
# title: Cloud SQL primaries take automated backups
# description: >-
#   Automated backups are what is left after a wrong statement, a faulty migration or a deleted
#   table. Replicas copy the mistake along.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_sql_database_instance
# custom:
#   severity: high
#   category: reliability
#   plan: "yes"
#   types: [google_sql_database_instance]
#   frameworks: {cis-gcp-3.0: ["6.7"], cis-gcp-4.0: ["6.7"], cis-gcp-5.0: ["6.8"]}
#   remediation: >-
#     Turn on automated backups and choose how many are kept.
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
#         backup_configuration {
#           enabled = true
#
#           backup_retention_settings {
#             retained_backups = 14
#           }
#         }
#       }
#     }
package metsuke.gcp.sql.backups

applicable if input.resource.attributes.instance_type == "CLOUD_SQL_INSTANCE"

deny contains {"message": "takes no automated backups", "path": "settings.backup_configuration.enabled"} if {
	not input.resource.attributes.settings.backup_configuration.enabled
}
