// Package logs reads log groups of Amazon CloudWatch Logs. It reads neither streams
// nor events.
package logs

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstags"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{logGroup()} }

func logGroup() awskit.Collector {
	return awskit.New(awskit.Type[types.LogGroup]{
		Name:       "aws_cloudwatch_log_group",
		Service:    "logs",
		Calls:      []providers.Call{awskit.Call("CloudWatchLogs.DescribeLogGroups", "logs:DescribeLogGroups")},
		List:       listGroups,
		Attributes: []string{"deletion_protection_enabled", "kms_key_id", "log_group_class", "retention_in_days", "stored_bytes"},
		Describe: func(c *awskit.Cell, g types.LogGroup, d *awskit.Draft) {
			d.ID, d.Name = groupARN(c, g), aws.ToString(g.LogGroupName)
			if ms := aws.ToInt64(g.CreationTime); ms > 0 {
				d.Created = time.UnixMilli(ms).UTC()
			}
			class := g.LogGroupClass
			if class == "" {
				class = types.LogGroupClassStandard
			}
			d.Set("deletion_protection_enabled", aws.ToBool(g.DeletionProtectionEnabled))
			d.Set("kms_key_id", g.KmsKeyId)
			d.Set("log_group_class", class)
			d.Set("retention_in_days", g.RetentionInDays)
			d.Set("stored_bytes", aws.ToInt64(g.StoredBytes))
		},
		Details: []awskit.Detail[types.LogGroup]{awstags.Detail("logs:log-group", groupARN)},
	})
}

// groupARN is the ARN without the ":*" at its end, as the tagging API and IAM's
// tagging permissions have it: LogGroup in the API reference.
func groupARN(c *awskit.Cell, g types.LogGroup) string {
	return c.ARN("logs", "log-group:"+aws.ToString(g.LogGroupName))
}

func listGroups(ctx context.Context, c *awskit.Cell, yield func(types.LogGroup) error) error {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(awskit.Client(c, cloudwatchlogs.NewFromConfig), &cloudwatchlogs.DescribeLogGroupsInput{
		Limit: aws.Int32(50), // the most that the API gives
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, g := range page.LogGroups {
			if err := yield(g); err != nil {
				return err
			}
		}
	}
	return nil
}
