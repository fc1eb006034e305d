package awssim

import "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

func cloudwatchlogsOps() []Op {
	return []Op{
		Answer[cloudwatchlogs.DescribeLogGroupsOutput]("CloudWatchLogs.DescribeLogGroups"),
	}
}
