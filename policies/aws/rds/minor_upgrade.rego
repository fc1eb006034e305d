# METADATA
# title: RDS instances apply minor version upgrades automatically
# description: >-
#   Minor versions carry the security fixes of the database engine. An instance that does not take
#   them in its maintenance window stays vulnerable until somebody remembers it.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_db_instance
# custom:
#   severity: medium
#   category: security
#   types: [aws_db_instance]
#   plan: "yes"
#   frameworks:
#     cis-aws-3.0: ["2.3.2"]
#     cis-aws-5.0: ["2.2.2"]
#     cis-aws-7.0: ["3.2.2"]
#     fsbp: ["RDS.13", "RDS.35"]
#     pci-dss-4.0: ["6.3.3"]
#   remediation: >-
#     Turn on automatic minor version upgrades, which is also the default, and choose a maintenance
#     window that suits the application.
#   terraform: |
#     resource "aws_db_instance" "example" {
#       identifier     = "example"
#       engine         = "postgres"
#       instance_class = "db.m7g.large"
#
#       auto_minor_version_upgrade = true
#       maintenance_window         = "sun:03:00-sun:04:00"
#     }
package metsuke.aws.rds.minor_upgrade

deny contains {"message": message, "path": "auto_minor_version_upgrade"} if {
	input.resource.attributes.auto_minor_version_upgrade == false
	message := sprintf("minor versions of %s are not applied automatically", [input.resource.attributes.engine])
}
