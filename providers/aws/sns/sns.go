// Package sns reads Amazon SNS topics, but none of their subscriptions.
package sns

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstags"
	"github.com/metsuke-dev/metsuke/providers/internal/iamdoc"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{topic()} }

func topic() awskit.Collector {
	return awskit.New(awskit.Type[string]{
		Name:    "aws_sns_topic",
		Service: "sns",
		Calls:   []providers.Call{awskit.Call("SNS.ListTopics", "sns:ListTopics")},
		List:    listTopics,
		Describe: func(_ *awskit.Cell, arn string, d *awskit.Draft) {
			d.ID, d.Name = arn, arn[strings.LastIndex(arn, ":")+1:]
		},
		Details: []awskit.Detail[string]{
			awstags.Detail("sns:topic", func(_ *awskit.Cell, arn string) string { return arn }),
			{
				Attributes: []string{"kms_master_key_id", "policy"},
				Calls:      []providers.Call{awskit.Call("SNS.GetTopicAttributes", "sns:GetTopicAttributes")},
				Read:       readAttributes,
			},
		},
	})
}

func listTopics(ctx context.Context, c *awskit.Cell, yield func(string) error) error {
	pages := sns.NewListTopicsPaginator(awskit.Client(c, sns.NewFromConfig), &sns.ListTopicsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, t := range page.Topics {
			if err := yield(aws.ToString(t.TopicArn)); err != nil {
				return err
			}
		}
	}
	return nil
}

func readAttributes(ctx context.Context, c *awskit.Cell, arn string, d *awskit.Draft) error {
	out, err := awskit.Client(c, sns.NewFromConfig).GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
	switch {
	case awskit.Is(err, "NotFound", "NotFoundException"):
		return awskit.ErrGone
	case err != nil:
		return err
	}
	var key any
	if k := out.Attributes["KmsMasterKeyId"]; k != "" {
		key = k
	}
	d.Set("kms_master_key_id", key)
	policy, err := iamdoc.Parse(out.Attributes["Policy"])
	if err == nil && policy == nil {
		err = errors.New("the answer holds no policy, and every topic has one")
	}
	if err != nil {
		d.Fail("policy", &awskit.Unreadable{Call: "SNS.GetTopicAttributes", Reason: providers.Failed, Why: err.Error()})
	} else {
		d.Set("policy", policy)
	}
	return nil
}
