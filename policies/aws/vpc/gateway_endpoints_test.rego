package metsuke.aws.vpc.gateway_endpoints_test

import data.metsuke.aws.vpc.gateway_endpoints

gateway(id, state, connectivity) := {"id": id, "state": state, "connectivity_type": connectivity}

nat := gateway("nat-1", "available", "public")

endpoint(service, kind, state, tables) := {
	"service_name": sprintf("com.amazonaws.eu-central-1.%s", [service]),
	"vpc_endpoint_type": kind, "state": state, "route_table_ids": tables,
}

s3 := endpoint("s3", "Gateway", "available", ["rtb-1"])

of(gateways, endpoints, dynamodb) := {"resource": {"attributes": {
	"nat_gateways": gateways,
	"vpc_endpoints": endpoints,
	"route_tables": [
		{"id": "rtb-1", "default_nat_gateway_id": "nat-1"},
		{"id": "rtb-2", "default_nat_gateway_id": "nat-1"},
		{"id": "rtb-3", "default_nat_gateway_id": null},
	],
	"dynamodb_in_use": dynamodb,
}}}

missing(service, title) := {
	"key": service,
	"message": sprintf("traffic to %s goes through the NAT gateway: there is no gateway endpoint", [title]),
	"path": "vpc_endpoints",
}

aside(service, title, table) := {
	"key": sprintf("%s/%s", [service, table]),
	"message": sprintf("traffic to %s from route table %s goes through the NAT gateway, not through the endpoint", [title, table]),
	"path": "vpc_endpoints",
}

test_fails_without_an_endpoint if {
	gateway_endpoints.applicable with input as of([nat], [], false)
	gateway_endpoints.deny == {missing("s3", "S3")} with input as of([nat], [], false)
	gateway_endpoints.deny == {missing("s3", "S3"), missing("dynamodb", "DynamoDB")} with input as of([nat], [], true)
}

test_only_available_gateway_endpoints_count if {
	every e in [endpoint("s3", "Interface", "available", []), endpoint("s3", "Gateway", "failed", ["rtb-1"]), endpoint("s3tables", "Gateway", "available", [])] {
		gateway_endpoints.deny == {missing("s3", "S3")} with input as of([nat], [e], false)
	}
}

test_fails_for_route_tables_that_lead_past_the_endpoint if {
	gateway_endpoints.deny == {aside("s3", "S3", "rtb-2")} with input as of([nat], [s3], false)
	gateway_endpoints.deny == {
		aside("s3", "S3", "rtb-2"),
		aside("dynamodb", "DynamoDB", "rtb-1"),
		aside("dynamodb", "DynamoDB", "rtb-2"),
	} with input as of([nat], [s3, endpoint("dynamodb", "Gateway", "available", [])], true)
}

test_passes_where_every_table_leads_to_an_endpoint if {
	other := endpoint("s3", "Gateway", "available", ["rtb-2"])
	gateway_endpoints.deny == set() with input as of([nat], [s3, other], false)
}

test_without_a_nat_gateway_in_use_there_is_nothing_to_judge if {
	not gateway_endpoints.applicable with input as of([], [], true)
	not gateway_endpoints.applicable with input as of([gateway("nat-1", "deleted", "public")], [], true)
	not gateway_endpoints.applicable with input as of([gateway("nat-1", "available", "private")], [], true)
}
