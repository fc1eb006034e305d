package awssim

import "github.com/aws/aws-sdk-go-v2/service/cloudtrail"

func cloudtrailOps() []Op {
	return []Op{
		Answer[cloudtrail.DescribeTrailsOutput]("CloudTrail.DescribeTrails"),
		Answer[cloudtrail.GetEventSelectorsOutput]("CloudTrail.GetEventSelectors"),
		Answer[cloudtrail.GetTrailStatusOutput]("CloudTrail.GetTrailStatus"),
		Answer[cloudtrail.ListTagsOutput]("CloudTrail.ListTags"),
	}
}
