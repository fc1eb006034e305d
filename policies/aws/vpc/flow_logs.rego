# METADATA
# title: Every VPC has flow logs
# description: >-
#   Flow logs tell who talked to whom, and who tried to and was refused. After an incident there is nothing that could
#   stand in for them. They have to record refused traffic at least and to be delivered; logs of single subnets or
#   interfaces do not count. A default VPC in which nothing runs is not judged.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_vpc
# custom:
#   severity: medium
#   category: security
#   types: [aws_vpc]
#   plan: "yes"
#   params:
#     traffic_types: {type: list, default: [REJECT, ALL], description: Kinds of flow logs that count.}
#     skip_empty_default_vpc: {type: boolean, default: true, description: Leave out default VPCs without network interfaces.}
#   frameworks:
#     cis-aws-3.0: ["3.7"]
#     cis-aws-5.0: ["3.7"]
#     cis-aws-7.0: ["4.7"]
#     fsbp: ["EC2.6"]
#     pci-dss-4.0:
#       ["10.2.1.1", "10.2.1.2", "10.2.1.3", "10.2.1.4", "10.2.1.5", "10.2.1.6", "10.2.1.7", "10.2.2", "10.3.1", "10.6.3"]
#   remediation: >-
#     Add a flow log for the VPC, and let the policy of the bucket that it writes to admit delivery.logs.amazonaws.com.
#   terraform: |
#     resource "aws_flow_log" "example" {
#       vpc_id               = aws_vpc.example.id
#       traffic_type         = "REJECT"
#       log_destination_type = "s3"
#       log_destination      = aws_s3_bucket.flow_logs.arn
#     }
package metsuke.aws.vpc.flow_logs

applicable if not input.params.skip_empty_default_vpc

applicable if not input.resource.attributes.is_default

applicable if input.resource.attributes.network_interface_count != 0

deny contains {"message": "the VPC has no flow log", "path": "flow_logs"} if input.resource.attributes.flow_logs == []

deny contains {"message": message, "path": "flow_logs"} if {
	input.resource.attributes.flow_logs != []
	not recorded
	message := sprintf("no flow log records %s and is delivered", [concat(" or ", input.params.traffic_types)])
}

recorded if {
	some log in input.resource.attributes.flow_logs
	log.status == "ACTIVE"
	log.traffic_type in input.params.traffic_types
	not failed(log.deliver_logs_status)
}

failed("FAILED")
