# METADATA
# title: Production RDS instances are Multi-AZ
# description: >-
#   An instance in a single availability zone is gone for as long as its zone is, and for every
#   operating system patch. A standby in a second zone takes over within a minute or two. Instances
#   whose Environment tag says that they are not production need none; an instance without the tag
#   counts as production. Members of clusters and read replicas are not judged.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_db_instance
# custom:
#   severity: medium
#   category: reliability
#   types: [aws_db_instance]
#   plan: "yes"
#   params:
#     nonprod: {type: list, default: [dev, test, sandbox], description: "Values of the tag Environment, ignoring case, that mark what is not production."}
#   frameworks:
#     cis-aws-5.0: ["2.2.4"]
#     cis-aws-7.0: ["3.2.4"]
#     fsbp: ["RDS.5"]
#   remediation: >-
#     Modify the instance to Multi-AZ. It doubles the cost of the instance; tag what does not need
#     it with its environment instead.
#   terraform: |
#     resource "aws_db_instance" "example" {
#       identifier     = "example"
#       engine         = "postgres"
#       instance_class = "db.m7g.large"
#
#       multi_az = true
#     }
package metsuke.aws.rds.instance_multi_az

import data.metsuke.lib.tags

applicable if {
	input.resource.attributes.cluster_identifier == null
	input.resource.attributes.replicate_source_db == null
	not nonprod
}

nonprod if {
	some key in tags.spelt(input.resource.tag_keys, "Environment")
	tags.is(input.resource.tags[key], input.params.nonprod)
}

deny contains {"message": "there is no standby in a second availability zone", "path": "multi_az"} if {
	input.resource.attributes.multi_az == false
}
