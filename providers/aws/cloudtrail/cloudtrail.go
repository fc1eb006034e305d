// Package cloudtrail reads the trails of AWS CloudTrail: those that the account
// owns, and those of its organisation that record it too. It reads no events.
package cloudtrail

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector {
	return []awskit.Collector{trail(), organizationTrail()}
}

func trail() awskit.Collector {
	return awskit.New(awskit.Type[types.Trail]{
		Name:    "aws_cloudtrail",
		Service: "cloudtrail",
		Calls:   []providers.Call{awskit.Call("CloudTrail.DescribeTrails", "cloudtrail:DescribeTrails")},
		List:    listTrails(true),
		Attributes: []string{
			"cloud_watch_logs_group_arn", "enable_log_file_validation", "include_global_service_events", "is_multi_region_trail",
			"is_organization_trail", "kms_key_id", "s3_bucket_name",
		},
		Describe: func(_ *awskit.Cell, t types.Trail, d *awskit.Draft) {
			d.ID, d.Name = aws.ToString(t.TrailARN), aws.ToString(t.Name)
			d.Set("cloud_watch_logs_group_arn", orNull(t.CloudWatchLogsLogGroupArn))
			d.Set("enable_log_file_validation", aws.ToBool(t.LogFileValidationEnabled))
			d.Set("include_global_service_events", aws.ToBool(t.IncludeGlobalServiceEvents))
			d.Set("is_multi_region_trail", aws.ToBool(t.IsMultiRegionTrail))
			d.Set("is_organization_trail", aws.ToBool(t.IsOrganizationTrail))
			d.Set("kms_key_id", orNull(t.KmsKeyId))
			d.Set("s3_bucket_name", aws.ToString(t.S3BucketName))
		},
		Details: []awskit.Detail[types.Trail]{
			{
				Attributes: []string{"tags"},
				Calls:      []providers.Call{awskit.Call("CloudTrail.ListTags", "cloudtrail:ListTags")},
				Read:       readTags,
			},
			{
				Attributes: []string{"enable_logging", "latest_cloud_watch_logs_delivery_error", "latest_cloud_watch_logs_delivery_time"},
				Calls:      []providers.Call{awskit.Call("CloudTrail.GetTrailStatus", "cloudtrail:GetTrailStatus")},
				Read:       readStatus,
			},
			selectors(),
		},
	})
}

// organizationTrail is what a member account sees of its organisation's trails.
func organizationTrail() awskit.Collector {
	return awskit.New(awskit.Type[types.Trail]{
		Name:       "aws_cloudtrail_organization_trail",
		Service:    "cloudtrail",
		Global:     true,
		Calls:      []providers.Call{awskit.Call("CloudTrail.DescribeTrails", "cloudtrail:DescribeTrails")},
		List:       listTrails(false),
		Attributes: []string{"is_multi_region_trail"},
		Describe: func(c *awskit.Cell, t types.Trail, d *awskit.Draft) {
			// Every member account sees the same ARN, and an id is unique across accounts.
			d.ID, d.Name = aws.ToString(t.TrailARN)+"@"+c.Account.ID, aws.ToString(t.Name)
			d.Set("is_multi_region_trail", aws.ToBool(t.IsMultiRegionTrail))
		},
		Details: []awskit.Detail[types.Trail]{
			{
				Attributes: []string{"enable_logging"},
				Calls:      []providers.Call{awskit.Call("CloudTrail.GetTrailStatus", "cloudtrail:GetTrailStatus")},
				Read:       readStatus,
			},
			selectors(),
		},
	})
}

// listTrails yields the account's own trails, or those of others that it sees. Each
// region answers with the trails that are at home there and with copies of
// multi-region trails. An own trail counts where it is at home, or, when that region
// is not being read, in the first one that is. Those of others are looked for in one
// region: a trail that does not show there does not record all regions.
func listTrails(own bool) func(context.Context, *awskit.Cell, func(types.Trail) error) error {
	return func(ctx context.Context, c *awskit.Cell, yield func(types.Trail) error) error {
		region := c.Region
		if region == "" {
			region = c.Account.Home
		}
		out, err := awskit.OncePerAccount(ctx, c, "cloudtrail trails "+region, func(ctx context.Context) (*cloudtrail.DescribeTrailsOutput, error) {
			return awskit.Client(c, cloudtrail.NewFromConfig).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
		})
		if err != nil {
			return err
		}
		for _, t := range out.TrailList {
			if owns(c, t) != own || own && !countsHere(c, aws.ToString(t.HomeRegion)) {
				continue
			}
			if err := yield(t); err != nil {
				return err
			}
		}
		return nil
	}
}

func owns(c *awskit.Cell, t types.Trail) bool {
	parts := strings.Split(aws.ToString(t.TrailARN), ":")
	return len(parts) > 4 && parts[4] == c.Account.ID
}

func countsHere(c *awskit.Cell, home string) bool {
	for _, r := range c.Account.Regions {
		if r == home {
			return c.Region == home
		}
	}
	return c.Region == c.Account.Regions[0]
}

// client asks the home region of an own trail. That of a foreign one may be a region
// that this account has not enabled: its copy is asked by its ARN.
func client(c *awskit.Cell, t types.Trail) *cloudtrail.Client {
	if owns(c, t) {
		return awskit.ClientFor(c, "cloudtrail", aws.ToString(t.HomeRegion), cloudtrail.NewFromConfig)
	}
	return awskit.Client(c, cloudtrail.NewFromConfig)
}

func readTags(ctx context.Context, c *awskit.Cell, t types.Trail, d *awskit.Draft) error {
	pages := cloudtrail.NewListTagsPaginator(client(c, t), &cloudtrail.ListTagsInput{ResourceIdList: []string{aws.ToString(t.TrailARN)}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return gone(err)
		}
		for _, r := range page.ResourceTagList {
			for _, tag := range r.TagsList {
				d.Tag(aws.ToString(tag.Key), aws.ToString(tag.Value))
			}
		}
	}
	return nil
}

func readStatus(ctx context.Context, c *awskit.Cell, t types.Trail, d *awskit.Draft) error {
	out, err := client(c, t).GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: t.TrailARN})
	if err != nil {
		return gone(err)
	}
	d.Set("enable_logging", aws.ToBool(out.IsLogging))
	d.Set("latest_cloud_watch_logs_delivery_error", orNull(out.LatestCloudWatchLogsDeliveryError))
	d.Set("latest_cloud_watch_logs_delivery_time", out.LatestCloudWatchLogsDeliveryTime)
	return nil
}

func orNull(s *string) any {
	if s == nil || *s == "" {
		return nil
	}
	return *s
}

// gone tells a trail that was deleted since it was listed from a failed call.
func gone(err error) error {
	if awskit.Is(err, "TrailNotFoundException", "ResourceNotFoundException") {
		return awskit.ErrGone
	}
	return err
}
