package awssim

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// ec2Ops are what reading EC2 takes, other services' answers about it included.
func ec2Ops() []Op {
	return []Op{
		Answer[cloudtrail.LookupEventsOutput]("CloudTrail.LookupEvents"),
		Answer[dynamodb.ListTablesOutput]("DynamoDB.ListTables"),
		Answer[ec2.DescribeAddressesOutput]("EC2.DescribeAddresses"),
		Answer[ec2.DescribeFlowLogsOutput]("EC2.DescribeFlowLogs"),
		Answer[ec2.DescribeImagesOutput]("EC2.DescribeImages"),
		Answer[ec2.DescribeInstanceAttributeOutput]("EC2.DescribeInstanceAttribute"),
		Answer[ec2.DescribeInstanceTypesOutput]("EC2.DescribeInstanceTypes"),
		Answer[ec2.DescribeInstancesOutput]("EC2.DescribeInstances"),
		Answer[ec2.DescribeNatGatewaysOutput]("EC2.DescribeNatGateways"),
		Answer[ec2.DescribeNetworkInterfacesOutput]("EC2.DescribeNetworkInterfaces"),
		Answer[ec2.DescribeRouteTablesOutput]("EC2.DescribeRouteTables"),
		Answer[ec2.DescribeSecurityGroupsOutput]("EC2.DescribeSecurityGroups"),
		Answer[ec2.DescribeSnapshotsOutput]("EC2.DescribeSnapshots"),
		Answer[ec2.DescribeVolumesOutput]("EC2.DescribeVolumes"),
		Answer[ec2.DescribeVpcEndpointsOutput]("EC2.DescribeVpcEndpoints"),
		Answer[ec2.DescribeVpcsOutput]("EC2.DescribeVpcs"),
		Answer[ec2.GetManagedPrefixListEntriesOutput]("EC2.GetManagedPrefixListEntries"),
	}
}
