package ec2

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func snapshot() awskit.Collector {
	return awskit.New(awskit.Type[types.Snapshot]{
		Name:    "aws_ebs_snapshot",
		Service: "ec2",
		Calls:   []providers.Call{awskit.Call("EC2.DescribeSnapshots", "ec2:DescribeSnapshots")},
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.Snapshot) error) error {
			return eachSnapshot(ctx, c, nil, yield)
		},
		Attributes: []string{"description", "encrypted", "kms_key_id", "state", "storage_tier", "tags", "volume_id", "volume_size"},
		Describe: func(c *awskit.Cell, s types.Snapshot, d *awskit.Draft) {
			identify(c, d, "snapshot", s.SnapshotId, s.Tags)
			d.Created = aws.ToTime(s.StartTime).UTC()
			d.Set("description", text(aws.ToString(s.Description)))
			d.Set("encrypted", aws.ToBool(s.Encrypted))
			d.Set("kms_key_id", s.KmsKeyId)
			d.Set("state", text(s.State))
			d.Set("storage_tier", text(s.StorageTier))
			d.Set("volume_id", s.VolumeId)
			d.Set("volume_size", s.VolumeSize)
		},
		Details: []awskit.Detail[types.Snapshot]{
			{
				Attributes: []string{"images"},
				Calls:      []providers.Call{awskit.Call("EC2.DescribeImages", "ec2:DescribeImages")},
				Shared:     true,
				Read:       readImages,
			},
			{
				Attributes: []string{"public"},
				Calls:      []providers.Call{awskit.Call("EC2.DescribeSnapshots", "ec2:DescribeSnapshots")},
				Shared:     true,
				Read:       readPublic,
			},
		},
	})
}

// eachSnapshot lists the account's own snapshots that all of the accounts, or
// group all, may restore.
func eachSnapshot(ctx context.Context, c *awskit.Cell, restorableBy []string, yield func(types.Snapshot) error) error {
	pages := ec2.NewDescribeSnapshotsPaginator(client(c), &ec2.DescribeSnapshotsInput{
		OwnerIds: []string{"self"}, RestorableByUserIds: restorableBy, MaxResults: aws.Int32(pageSize),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, s := range page.Snapshots {
			if err := yield(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// readPublic asks for the public snapshots once instead of for the permissions of
// every single one.
func readPublic(ctx context.Context, c *awskit.Cell, s types.Snapshot, d *awskit.Draft) error {
	public, err := awskit.Once(ctx, c, "public snapshots", func(ctx context.Context) (map[string]bool, error) {
		out := map[string]bool{}
		return out, eachSnapshot(ctx, c, []string{"all"}, func(s types.Snapshot) error {
			out[aws.ToString(s.SnapshotId)] = true
			return nil
		})
	})
	if err != nil {
		return err
	}
	d.Set("public", public[aws.ToString(s.SnapshotId)])
	return nil
}

func readImages(ctx context.Context, c *awskit.Cell, s types.Snapshot, d *awskit.Draft) error {
	images, err := awskit.Once(ctx, c, "EC2.DescribeImages", func(ctx context.Context) (map[string][]string, error) {
		out := map[string][]string{}
		// A disabled or deprecated image still needs its snapshots.
		pages := ec2.NewDescribeImagesPaginator(client(c), &ec2.DescribeImagesInput{
			Owners: []string{"self"}, IncludeDeprecated: aws.Bool(true), IncludeDisabled: aws.Bool(true), MaxResults: aws.Int32(pageSize),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, i := range page.Images {
				for _, m := range i.BlockDeviceMappings {
					if m.Ebs != nil && m.Ebs.SnapshotId != nil {
						out[*m.Ebs.SnapshotId] = append(out[*m.Ebs.SnapshotId], aws.ToString(i.ImageId))
					}
				}
			}
		}
		for _, ids := range out {
			slices.Sort(ids)
		}
		return out, nil
	})
	if err != nil {
		return err
	}
	d.Set("images", slices.Compact(slices.Clone(images[aws.ToString(s.SnapshotId)])))
	return nil
}
