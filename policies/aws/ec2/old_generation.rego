# METADATA
# title: EC2 instances use current-generation types
# description: >-
#   Newer generations do the same work for less money and energy, and old ones run out of capacity and of support by new
#   images. Old is what EC2 itself no longer counts as current, and the families of the parameter.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_instance
# custom:
#   severity: low
#   category: cost
#   types: [aws_instance]
#   plan: "yes"
#   params:
#     previous_families:
#       type: list
#       default: [t1, t2, m1, m2, m3, m4, c1, c3, c4, r3, r4, i2, i3, d2, h1, g2, g3, p2, p3, x1, x1e, z1d]
#       description: Instance families that count as old in any case.
#   remediation: >-
#     Change instance_type to the successor: drivers for ENA and NVMe have to be in the image, and Graviton families
#     (m7g, c7g, r7g, t4g) need one for arm64.
#   terraform: |
#     resource "aws_instance" "example" {
#       ami           = var.ami_id
#       instance_type = "m7i.large"
#     }
package metsuke.aws.ec2.old_generation

deny contains {"message": message, "path": "instance_type"} if {
	family in input.params.previous_families
	message := sprintf("%s is of an old generation%s", [input.resource.attributes.instance_type, advice])
}

deny contains {"message": message, "path": "instance_type"} if {
	input.resource.attributes.current_generation == false
	message := sprintf("%s is of an old generation%s", [input.resource.attributes.instance_type, advice])
}

family := split(input.resource.attributes.instance_type, ".")[0]

advice := sprintf("; its successor is %s", [successors[family]]) if successors[family]

advice := "" if not successors[family]

successors := {
	"t1": "t3 or t4g", "t2": "t3 or t4g", "m1": "m7i or m7g", "m2": "r7i or r7g", "m3": "m7i or m7g", "m4": "m7i or m7g",
	"c1": "c7i or c7g", "c3": "c7i or c7g", "c4": "c7i or c7g", "r3": "r7i or r7g", "r4": "r7i or r7g", "i2": "i4i or i4g",
	"i3": "i4i or i4g", "d2": "d3", "h1": "d3", "g2": "g6", "g3": "g6", "p2": "g6 or p5", "p3": "p5", "x1": "x2idn",
	"x1e": "x2iedn", "z1d": "m7i",
}
