// Package kms reads the customer-managed keys of AWS KMS: what they are for, who
// may use them and whether they rotate. It makes no cryptographic calls.
package kms

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstags"
	"github.com/metsuke-dev/metsuke/providers/internal/iamdoc"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{key()} }

// item is a key and what DescribeKey says of it.
type item struct {
	id, arn string
	meta    *types.KeyMetadata
	err     error // why there is no meta
}

func key() awskit.Collector {
	describe := awskit.Call("KMS.DescribeKey", "kms:DescribeKey")
	tags := awstags.Detail("kms:key", func(_ *awskit.Cell, k item) string { return k.arn })
	return awskit.New(awskit.Type[item]{
		Name:    "aws_kms_key",
		Service: "kms",
		Calls:   []providers.Call{awskit.Call("KMS.ListKeys", "kms:ListKeys"), describe},
		List:    listKeys,
		Describe: func(_ *awskit.Cell, k item, d *awskit.Draft) {
			d.ID, d.Name = k.arn, k.id
			if k.meta != nil && k.meta.CreationDate != nil {
				d.Created = k.meta.CreationDate.UTC()
			}
		},
		Details: []awskit.Detail[item]{
			{
				Attributes: []string{"customer_master_key_spec", "is_enabled", "key_usage", "origin", "primary_key_arn"},
				Calls:      []providers.Call{describe},
				Read:       described(readMetadata),
			},
			{
				Attributes: []string{"policy"},
				Calls:      []providers.Call{awskit.Call("KMS.GetKeyPolicy", "kms:GetKeyPolicy")},
				Read:       described(readPolicy),
			},
			{
				Attributes: []string{"enable_key_rotation", "rotation_period_in_days"},
				Calls:      []providers.Call{awskit.Call("KMS.GetKeyRotationStatus", "kms:GetKeyRotationStatus")},
				Read:       described(readRotation),
			},
			{Attributes: tags.Attributes, Calls: tags.Calls, Shared: true, Read: described(tags.Read)},
		},
	})
}

// described lets nothing be said of a key that could not be described.
func described(read func(context.Context, *awskit.Cell, item, *awskit.Draft) error) func(context.Context, *awskit.Cell, item, *awskit.Draft) error {
	return func(ctx context.Context, c *awskit.Cell, k item, d *awskit.Draft) error {
		if k.err != nil {
			return k.err
		}
		return read(ctx, c, k, d)
	}
}

// listKeys lists the customer-managed keys. ListKeys names those that AWS manages
// as well, and only DescribeKey tells them apart (KeyManager).
//
// A key's own policy can refuse DescribeKey to whoever is not named in it. The
// policies of AWS-managed keys leave it to IAM: where IAM allows it, a key that
// refuses is customer-managed, and it is listed with everything unknown. Where IAM
// does not allow it, every key refuses, and the cell cannot be listed.
func listKeys(ctx context.Context, c *awskit.Cell, yield func(item) error) error {
	client := awskit.Client(c, kms.NewFromConfig)
	pages := kms.NewListKeysPaginator(client, &kms.ListKeysInput{Limit: aws.Int32(1000)})
	var refused []item
	allowed := false
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		keys := make([]item, len(page.Keys))
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(8)
		for i, k := range page.Keys {
			keys[i] = item{id: aws.ToString(k.KeyId), arn: aws.ToString(k.KeyArn)}
			g.Go(func() error {
				out, err := client.DescribeKey(gctx, &kms.DescribeKeyInput{KeyId: k.KeyId})
				if err != nil {
					keys[i].err = err
					return gctx.Err()
				}
				keys[i].meta = out.KeyMetadata
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		for _, k := range keys {
			switch {
			case awskit.Is(k.err, "NotFoundException"):
				continue // deleted since it was listed
			case k.err != nil && awskit.ReasonOf(k.err) != providers.Denied:
				return k.err
			case k.err != nil:
				refused = append(refused, k)
				continue
			case k.meta == nil:
				return errors.New("KMS.DescribeKey answered without key metadata")
			}
			allowed = true
			if k.meta.KeyManager == types.KeyManagerTypeAws {
				continue
			}
			if err := yield(k); err != nil {
				return err
			}
		}
	}
	if !allowed && len(refused) > 0 {
		return refused[0].err
	}
	for _, k := range refused {
		if err := yield(k); err != nil {
			return err
		}
	}
	return nil
}

func readMetadata(_ context.Context, _ *awskit.Cell, k item, d *awskit.Draft) error {
	d.Set("customer_master_key_spec", k.meta.KeySpec)
	d.Set("is_enabled", k.meta.Enabled)
	usage := k.meta.KeyUsage
	if usage == "" && k.meta.KeySpec == types.KeySpecSymmetricDefault {
		usage = types.KeyUsageTypeEncryptDecrypt // the only one that such keys have
	}
	d.Set("key_usage", usage)
	d.Set("origin", k.meta.Origin)
	var primary *string
	if m := k.meta.MultiRegionConfiguration; m != nil && m.MultiRegionKeyType == types.MultiRegionKeyTypeReplica && m.PrimaryKey != nil {
		primary = m.PrimaryKey.Arn
	}
	d.Set("primary_key_arn", primary)
	return nil
}

func readPolicy(ctx context.Context, c *awskit.Cell, k item, d *awskit.Draft) error {
	out, err := awskit.Client(c, kms.NewFromConfig).GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{
		KeyId: &k.id, PolicyName: aws.String("default"), // the only name there is
	})
	if err != nil {
		return err
	}
	policy, err := iamdoc.Parse(aws.ToString(out.Policy))
	if err == nil && policy == nil {
		err = errors.New("the answer holds no key policy, and every key has one")
	}
	if err != nil {
		return &awskit.Unreadable{Call: "KMS.GetKeyPolicy", Reason: providers.Failed, Why: err.Error()}
	}
	d.Set("policy", policy)
	return nil
}

// readRotation asks only for keys that KMS can rotate: for the others the API
// answers with UnsupportedOperationException, or with an error of their state.
func readRotation(ctx context.Context, c *awskit.Cell, k item, d *awskit.Draft) error {
	d.Set("enable_key_rotation", nil)
	d.Set("rotation_period_in_days", nil)
	if k.meta.KeySpec != types.KeySpecSymmetricDefault || k.meta.Origin != types.OriginTypeAwsKms {
		return nil
	}
	out, err := awskit.Client(c, kms.NewFromConfig).GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &k.id})
	switch {
	case awskit.Is(err, "UnsupportedOperationException"):
		return nil
	case err != nil:
		return err
	}
	d.Set("enable_key_rotation", out.KeyRotationEnabled)
	if out.KeyRotationEnabled {
		// The period is 365 days unless somebody chose another one.
		period := int32(365)
		if out.RotationPeriodInDays != nil {
			period = *out.RotationPeriodInDays
		}
		d.Set("rotation_period_in_days", period)
	}
	return nil
}
