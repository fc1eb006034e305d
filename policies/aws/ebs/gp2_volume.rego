# METADATA
# title: EBS volumes use gp3 instead of gp2
# description: >-
#   gp3 costs about a fifth less per GiB than gp2, and its performance does not depend on the size. The finding names
#   the IOPS and throughput at which gp3 is equal to the volume as it is; where that would cost more, nothing is reported.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_ebs_volume
# custom:
#   severity: low
#   category: cost
#   types: [aws_ebs_volume]
#   plan: "yes"
#   params:
#     gp2_gib_usd: {type: number, default: 0.1, description: Price of gp2 per GiB and month; default of us-east-1.}
#     gp3_gib_usd: {type: number, default: 0.08, description: Price of gp3 per GiB and month.}
#     gp3_iops_usd: {type: number, default: 0.005, description: Price of gp3 per IOPS and month above 3000.}
#     gp3_mibps_usd: {type: number, default: 0.04, description: Price of gp3 per MiB/s and month above 125.}
#   remediation: >-
#     Change the type to gp3 with the IOPS and throughput of the finding; the change is made online. In block devices of
#     instances the argument is volume_type.
#   terraform: |
#     resource "aws_ebs_volume" "example" {
#       availability_zone = "eu-central-1a"
#       size              = 100
#       type              = "gp3"
#       iops              = 3000
#       throughput        = 125
#     }
package metsuke.aws.ebs.gp2_volume

deny contains {"message": message, "monthly_cost_usd": saving, "path": "type"} if {
	input.resource.attributes.type == "gp2"
	saving > 0
	message := sprintf("gp2 volume of %d GiB; gp3 with %d IOPS and %d MiB/s is equal and cheaper", [input.resource.attributes.size, iops, throughput])
}

saving := cents((input.resource.attributes.size * (input.params.gp2_gib_usd - input.params.gp3_gib_usd)) - extra)

extra := ((iops - 3000) * input.params.gp3_iops_usd) + ((throughput - 125) * input.params.gp3_mibps_usd)

cents(usd) := round(usd * 100) / 100

# gp2 has 3 IOPS per GiB up to 16000, and gp3 never fewer than 3000.
iops := min([16000, max([3000, 3 * input.resource.attributes.size])])

# From 334 GiB on gp2 keeps up 250 MiB/s; smaller ones reach it only in bursts.
throughput := 250 if input.resource.attributes.size >= 334

throughput := 125 if input.resource.attributes.size < 334
