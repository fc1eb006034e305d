package ec2

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	ttypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func volume() awskit.Collector {
	return awskit.New(awskit.Type[types.Volume]{
		Name:    "aws_ebs_volume",
		Service: "ec2",
		Calls:   []providers.Call{awskit.Call("EC2.DescribeVolumes", "ec2:DescribeVolumes")},
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.Volume) error) error {
			pages := ec2.NewDescribeVolumesPaginator(client(c), &ec2.DescribeVolumesInput{MaxResults: aws.Int32(pageSize)})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, v := range page.Volumes {
					if err := yield(v); err != nil {
						return err
					}
				}
			}
			return nil
		},
		Attributes: []string{
			"attachments", "encrypted", "iops", "kms_key_id", "multi_attach_enabled", "size", "snapshot_id", "state", "tags", "throughput", "type",
		},
		Describe: describeVolume,
		Details: []awskit.Detail[types.Volume]{{
			Attributes: []string{"detached_at"},
			Calls:      []providers.Call{awskit.Call("CloudTrail.LookupEvents", "cloudtrail:LookupEvents")},
			Shared:     true,
			Read:       readDetached,
		}},
	})
}

func describeVolume(c *awskit.Cell, v types.Volume, d *awskit.Draft) {
	identify(c, d, "volume", v.VolumeId, v.Tags)
	d.Created = aws.ToTime(v.CreateTime).UTC()
	attachments := []any{}
	slices.SortFunc(v.Attachments, func(a, b types.VolumeAttachment) int {
		return strings.Compare(aws.ToString(a.InstanceId), aws.ToString(b.InstanceId))
	})
	for _, a := range v.Attachments {
		var of any
		if id := aws.ToString(a.InstanceId); id != "" && aws.ToString(a.InstanceOwningService) == "" {
			of = c.ARN("ec2", "instance/"+id)
		}
		attachments = append(attachments, map[string]any{
			"delete_on_termination": a.DeleteOnTermination, "device_name": a.Device, "instance": of,
			"instance_id": text(aws.ToString(a.InstanceId)), "state": text(a.State),
		})
	}
	d.Set("attachments", attachments)
	d.Set("encrypted", aws.ToBool(v.Encrypted))
	d.Set("iops", v.Iops)
	d.Set("kms_key_id", v.KmsKeyId)
	d.Set("multi_attach_enabled", aws.ToBool(v.MultiAttachEnabled))
	d.Set("size", v.Size)
	d.Set("snapshot_id", text(aws.ToString(v.SnapshotId)))
	d.Set("state", text(v.State))
	d.Set("throughput", v.Throughput)
	d.Set("type", text(v.VolumeType))
}

// readDetached reads when a volume that is attached to nothing came off. Other
// volumes take no call.
func readDetached(ctx context.Context, c *awskit.Cell, v types.Volume, d *awskit.Draft) error {
	if len(v.Attachments) > 0 {
		d.Set("detached_at", nil)
		return nil
	}
	latest, err := awskit.Once(ctx, c, "CloudTrail.LookupEvents", func(ctx context.Context) (map[string]time.Time, error) {
		return detachments(ctx, awskit.ClientFor(c, "cloudtrail", c.Region, cloudtrail.NewFromConfig))
	})
	if err != nil {
		return err
	}
	if at, ok := latest[aws.ToString(v.VolumeId)]; ok {
		d.Set("detached_at", at)
	} else {
		d.Set("detached_at", nil)
	}
	return nil
}

// detachments returns when each volume was detached the last time, as far back as
// the event history goes (90 days).
func detachments(ctx context.Context, client *cloudtrail.Client) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	pages := cloudtrail.NewLookupEventsPaginator(client, &cloudtrail.LookupEventsInput{
		LookupAttributes: []ttypes.LookupAttribute{{AttributeKey: ttypes.LookupAttributeKeyEventName, AttributeValue: aws.String("DetachVolume")}},
		MaxResults:       aws.Int32(50),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Events {
			var record struct {
				ErrorCode         string `json:"errorCode"`
				RequestParameters struct {
					VolumeID string `json:"volumeId"`
				} `json:"requestParameters"`
			}
			if err := json.Unmarshal([]byte(aws.ToString(e.CloudTrailEvent)), &record); err != nil {
				return nil, &awskit.Unreadable{
					Call: "CloudTrail.LookupEvents", Reason: providers.Failed, Why: fmt.Sprintf("event %s: %v", aws.ToString(e.EventId), err),
				}
			}
			id, at := record.RequestParameters.VolumeID, aws.ToTime(e.EventTime)
			if record.ErrorCode == "" && id != "" && at.After(out[id]) {
				out[id] = at
			}
		}
	}
	return out, nil
}
