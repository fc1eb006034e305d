# METADATA
# title: VPCs with a NAT gateway have S3 and DynamoDB gateway endpoints
# description: >-
#   What goes to S3 and DynamoDB through a NAT gateway is paid for by the gigabyte; through a gateway endpoint the same
#   traffic is free and never leaves AWS. DynamoDB counts where the account has a table in the region. A plan is judged
#   as far as the VPC's gateways, routes and endpoints are in it.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_vpc
# custom:
#   severity: medium
#   category: cost
#   types: [aws_vpc]
#   plan: "partial"
#   remediation: >-
#     Add a gateway endpoint for each service and associate it with every route table that leads to the NAT gateway.
#   terraform: |
#     resource "aws_vpc_endpoint" "example" {
#       for_each = toset(["s3", "dynamodb"])
#
#       vpc_id            = aws_vpc.example.id
#       service_name      = "com.amazonaws.eu-central-1.${each.key}"
#       vpc_endpoint_type = "Gateway"
#       route_table_ids   = [aws_route_table.private.id]
#     }
package metsuke.aws.vpc.gateway_endpoints

applicable if {
	some gateway in input.resource.attributes.nat_gateways
	in_use(gateway)
}

deny contains {"key": service, "message": message, "path": "vpc_endpoints"} if {
	some service in services
	not has_endpoint(service)
	message := sprintf("traffic to %s goes through the NAT gateway: there is no gateway endpoint", [titles[service]])
}

deny contains {"key": sprintf("%s/%s", [service, table.id]), "message": message, "path": "vpc_endpoints"} if {
	some service in services
	has_endpoint(service)
	some table in input.resource.attributes.route_tables
	some gateway in input.resource.attributes.nat_gateways
	in_use(gateway)
	gateway.id == table.default_nat_gateway_id
	not leads_to_endpoint(service, table.id)
	message := sprintf("traffic to %s from route table %s goes through the NAT gateway, not through the endpoint", [titles[service], table.id])
}

titles := {"s3": "S3", "dynamodb": "DynamoDB"}

services contains "s3"

services contains "dynamodb" if input.resource.attributes.dynamodb_in_use

in_use(gateway) if {
	gateway.state == "available"
	gateway.connectivity_type == "public"
}

has_endpoint(service) if {
	some endpoint in input.resource.attributes.vpc_endpoints
	serves(endpoint, service)
}

leads_to_endpoint(service, table) if {
	some endpoint in input.resource.attributes.vpc_endpoints
	serves(endpoint, service)
	table in endpoint.route_table_ids
}

serves(endpoint, service) if {
	endpoint.vpc_endpoint_type == "Gateway"
	endpoint.state == "available"
	endswith(endpoint.service_name, sprintf(".%s", [service]))
}
