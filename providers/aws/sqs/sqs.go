// Package sqs reads Amazon SQS queues.
package sqs

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/internal/iamdoc"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{queue()} }

func queue() awskit.Collector {
	return awskit.New(awskit.Type[string]{
		Name:    "aws_sqs_queue",
		Service: "sqs",
		Calls:   []providers.Call{awskit.Call("SQS.ListQueues", "sqs:ListQueues")},
		List:    listQueues,
		Describe: func(c *awskit.Cell, url string, d *awskit.Draft) {
			d.Name = url[strings.LastIndex(url, "/")+1:]
			d.ID = c.ARN("sqs", d.Name)
		},
		Details: []awskit.Detail[string]{
			{
				Attributes: []string{"tags"},
				Calls:      []providers.Call{awskit.Call("SQS.ListQueueTags", "sqs:ListQueueTags")},
				Read:       readTags,
			},
			{
				Attributes: []string{"kms_master_key_id", "policy", "sqs_managed_sse_enabled"},
				Calls:      []providers.Call{awskit.Call("SQS.GetQueueAttributes", "sqs:GetQueueAttributes")},
				Read:       readAttributes,
			},
		},
	})
}

func listQueues(ctx context.Context, c *awskit.Cell, yield func(string) error) error {
	// Without MaxResults the API answers with at most 1,000 queues and no token:
	// ListQueues, "NextToken" in the API reference.
	pages := sqs.NewListQueuesPaginator(awskit.Client(c, sqs.NewFromConfig), &sqs.ListQueuesInput{MaxResults: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, url := range page.QueueUrls {
			if err := yield(url); err != nil {
				return err
			}
		}
	}
	return nil
}

func readTags(ctx context.Context, c *awskit.Cell, url string, d *awskit.Draft) error {
	out, err := awskit.Client(c, sqs.NewFromConfig).ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: &url})
	if err != nil {
		return gone(err)
	}
	for k, v := range out.Tags {
		d.Tag(k, v)
	}
	return nil
}

func readAttributes(ctx context.Context, c *awskit.Cell, url string, d *awskit.Draft) error {
	out, err := awskit.Client(c, sqs.NewFromConfig).GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return gone(err)
	}
	if s, err := strconv.ParseInt(out.Attributes["CreatedTimestamp"], 10, 64); err == nil {
		d.Created = time.Unix(s, 0).UTC()
	}
	policy, err := iamdoc.Parse(out.Attributes["Policy"])
	if err != nil {
		d.Fail("policy", &awskit.Unreadable{Call: "SQS.GetQueueAttributes", Reason: providers.Failed, Why: err.Error()})
	} else {
		d.Set("policy", policy)
	}
	var key any
	if k := out.Attributes["KmsMasterKeyId"]; k != "" {
		key = k
	}
	d.Set("kms_master_key_id", key)
	d.Set("sqs_managed_sse_enabled", out.Attributes["SqsManagedSseEnabled"] == "true")
	return nil
}

// gone tells a queue that was deleted since it was listed from a failed call.
func gone(err error) error {
	if awskit.Is(err, "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist") {
		return awskit.ErrGone
	}
	return err
}
