package awssim

import "github.com/aws/aws-sdk-go-v2/service/sns"

func snsOps() []Op {
	return []Op{
		Answer[sns.GetTopicAttributesOutput]("SNS.GetTopicAttributes"),
		Answer[sns.ListTopicsOutput]("SNS.ListTopics"),
	}
}
