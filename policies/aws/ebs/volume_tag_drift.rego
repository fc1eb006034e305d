# METADATA
# title: EBS volumes carry the same governed tags as the instance they are attached to
# description: >-
#   Storage is billed by the volume's own tags. Where they differ from those of the instance, or are missing, its cost
#   lands with the wrong team or with none, and nobody is asked before the volume is kept or deleted. Judged against
#   the first instance a volume is attached to; with several, one that fits is enough.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_ebs_volume
# custom:
#   severity: low
#   category: tagging
#   types: [aws_ebs_volume]
#   plan: "yes"
#   uses: {aws_instance: [tags]}
#   params:
#     inherited_tags: {type: list, default: [Owner, Environment, CostCenter], description: Keys that a volume has in common with its instance.}
#   remediation: >-
#     Tag volumes where instances are made: volume_tags on aws_instance, tags in root_block_device and ebs_block_device,
#     tag_specifications with resource_type = "volume" in launch templates; mend existing ones with aws ec2 create-tags.
#   terraform: |
#     locals {
#       tags = { Owner = "payments", Environment = "production", CostCenter = "4711" }
#     }
#
#     resource "aws_instance" "example" {
#       ami           = var.ami_id
#       instance_type = "m7i.large"
#       tags          = local.tags
#
#       root_block_device {
#         tags = local.tags
#       }
#     }
package metsuke.aws.ebs.volume_tag_drift

applicable if input.related.aws_instance[input.resource.attributes.attachments[0].instance]

deny contains {"key": tag, "message": message, "path": "tags"} if {
	instance := input.related.aws_instance[input.resource.attributes.attachments[0].instance]
	some tag in input.params.inherited_tags
	instance.tags[tag]
	not tag in input.resource.tag_keys
	not fits_another
	message := sprintf("lacks the tag %s, which its instance %s has", [tag, instance.name])
}

deny contains {"key": tag, "message": message, "path": "tags"} if {
	instance := input.related.aws_instance[input.resource.attributes.attachments[0].instance]
	some tag in input.params.inherited_tags
	instance.tags[tag] != input.resource.tags[tag]
	not fits_another
	message := sprintf("tag %s is %q, that of its instance %s is %q", [tag, input.resource.tags[tag], instance.name, instance.tags[tag]])
}

fits_another if {
	some i
	i > 0
	instance := input.related.aws_instance[input.resource.attributes.attachments[i].instance]
	every tag in input.params.inherited_tags {
		object.get(instance.tags, tag, null) in {null, object.get(input.resource.tags, tag, null)}
	}
}
