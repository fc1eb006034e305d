package awssim

import "github.com/aws/aws-sdk-go-v2/service/sqs"

func sqsOps() []Op {
	return []Op{
		Answer[sqs.GetQueueAttributesOutput]("SQS.GetQueueAttributes"),
		Answer[sqs.ListQueueTagsOutput]("SQS.ListQueueTags"),
		Answer[sqs.ListQueuesOutput]("SQS.ListQueues"),
	}
}
