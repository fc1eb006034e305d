# METADATA
# title: Databases keep automated backups for at least seven days
# description: >-
#   Automated backups are what a database can be set back with to any point in time after a bad
#   migration or an attack. Such things are often noticed only after a weekend or a holiday. Read
#   replicas and members of a cluster are not judged: their source, or the cluster, keeps the backups.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_db_instance
# custom:
#   severity: medium
#   category: reliability
#   types: [aws_db_instance]
#   plan: "yes"
#   params:
#     min_days: {type: number, default: 7, description: Days for which backups must be kept at least.}
#   frameworks:
#     fsbp: ["RDS.11", "DocumentDB.2", "Neptune.5"]
#     pci-dss-4.0: ["3.2.1", "3.3.1.1", "3.3.2", "3.3.3", "10.3.3", "10.5.1"]
#   remediation: >-
#     Raise the backup retention period.
#   terraform: |
#     resource "aws_db_instance" "example" {
#       identifier     = "example"
#       engine         = "postgres"
#       instance_class = "db.m7g.large"
#
#       backup_retention_period = 7
#     }
package metsuke.aws.rds.backup_retention

applicable if {
	input.resource.attributes.cluster_identifier == null
	input.resource.attributes.replicate_source_db == null
}

deny contains {"message": message, "path": "backup_retention_period"} if {
	days := input.resource.attributes.backup_retention_period
	days > 0
	days < input.params.min_days
	message := sprintf("automated backups are kept for %d days, not for %d", [days, input.params.min_days])
}

deny contains {"message": "there are no automated backups", "path": "backup_retention_period", "severity": "high"} if {
	input.resource.attributes.backup_retention_period == 0
	input.params.min_days > 0
}
