package awssim

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
)

// rdsOps are what reading databases takes, their networks included.
func rdsOps() []Op {
	return []Op{
		Answer[ec2.DescribeRouteTablesOutput]("EC2.DescribeRouteTables"),
		Answer[ec2.DescribeSecurityGroupsOutput]("EC2.DescribeSecurityGroups"),
		Answer[rds.DescribeDBInstancesOutput]("RDS.DescribeDBInstances"),
		Answer[rds.DescribeDBMajorEngineVersionsOutput]("RDS.DescribeDBMajorEngineVersions"),
	}
}
