# METADATA
# title: Elastic IP addresses are associated
# description: >-
#   Every public IPv4 address is paid for by the hour, and one that leads nowhere is paid for nothing. AWS does not tell
#   since when an address is free, so one that was allocated a minute ago is reported too. A plan shows
#   that an address is used; a new one that nothing in it takes is judged unknown.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_eip
# custom:
#   severity: low
#   category: cost
#   types: [aws_eip]
#   plan: "partial"
#   params:
#     hour_usd: {type: number, default: 0.005, description: "Price of a public IPv4 address per hour; addresses of your own pools cost nothing."}
#   remediation: >-
#     Release the address, or associate it with an instance or a network interface.
#   terraform: |
#     resource "aws_eip_association" "example" {
#       allocation_id = aws_eip.example.id
#       instance_id   = aws_instance.example.id
#     }
package metsuke.aws.eip.unassociated

applicable if input.resource.attributes.service_managed == null

deny contains {"message": "the address is associated with nothing", "monthly_cost_usd": cost, "path": "associated"} if {
	not input.resource.attributes.associated
}

cost := round((input.params.hour_usd * 730) * 100) / 100 if input.resource.attributes.public_ipv4_pool in {"amazon", null}

cost := 0 if not input.resource.attributes.public_ipv4_pool in {"amazon", null}
