# METADATA
# title: RDS storage uses gp3 instead of gp2
# description: >-
#   gp3 costs the same per GiB in RDS, or less, and comes with at least 3,000 IOPS whatever the size,
#   where gp2 gives three per GiB: volumes are made larger than their data just to be fast. From a
#   size that depends on the engine on, RDS stripes gp3 storage and the baseline is 12,000 IOPS.
#   Members of an Aurora cluster have no storage of their own and are not judged.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_db_instance
# custom:
#   severity: low
#   category: cost
#   types: [aws_db_instance]
#   plan: "yes"
#   remediation: >-
#     Modify the instance to gp3; that works while it runs.
#   terraform: |
#     resource "aws_db_instance" "example" {
#       identifier     = "example"
#       engine         = "postgres"
#       instance_class = "db.m7g.large"
#
#       storage_type      = "gp3"
#       allocated_storage = 100
#     }
package metsuke.aws.rds.gp2_storage

applicable if input.resource.attributes.cluster_identifier == null

deny contains {"message": concat("", ["the storage is gp2", detail]), "path": "storage_type"} if {
	input.resource.attributes.storage_type == "gp2"
}

detail := sprintf(" (%d GiB: gp3 would have 12000 IOPS)", [gib]) if {
	gib := input.resource.attributes.allocated_storage
	striped(input.resource.attributes.engine, gib)
} else := sprintf(" (%d GiB: gp3 would have 3000 IOPS instead of %d)", [gib, gp2_iops(gib)]) if {
	gib := input.resource.attributes.allocated_storage
	is_number(gib)
} else := ""

# Sizes from which RDS stripes gp3 storage over several volumes; it does not for SQL Server.
striped(engine, gib) if {
	is_number(gib)
	startswith(engine, "oracle")
	gib >= 200
}

striped(engine, gib) if {
	is_number(gib)
	not startswith(engine, "oracle")
	not startswith(engine, "sqlserver")
	gib >= 400
}

gp2_iops(gib) := min([16000, max([100, 3 * gib])])
