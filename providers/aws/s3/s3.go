// Package s3 reads Amazon S3 buckets: those of the account's own list, with what
// is configured on each. It reads no objects.
package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstags"
	"github.com/metsuke-dev/metsuke/providers/internal/iamdoc"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{bucket()} }

func bucket() awskit.Collector {
	return awskit.New(awskit.Type[types.Bucket]{
		Name:    "aws_s3_bucket",
		Service: "s3",
		Global:  true,
		Calls:   []providers.Call{awskit.Call("S3.ListBuckets", "s3:ListAllMyBuckets")},
		List:    listBuckets,
		Describe: func(c *awskit.Cell, b types.Bucket, d *awskit.Draft) {
			d.Name, d.Region, d.ID = aws.ToString(b.Name), region(c, b), arn(c, b)
			d.Created = aws.ToTime(b.CreationDate)
		},
		Details: []awskit.Detail[types.Bucket]{
			{
				Attributes: []string{"tags"},
				Calls:      []providers.Call{awstags.Call()},
				Shared:     true,
				Read: func(ctx context.Context, c *awskit.Cell, b types.Bucket, d *awskit.Draft) error {
					return awstags.Set(ctx, c, region(c, b), "s3", arn(c, b), d)
				},
			},
			{
				Attributes: []string{"account_public_access_block"},
				Calls:      []providers.Call{awskit.Call("S3Control.GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock")},
				Shared:     true,
				Read:       readAccountBlock,
			},
			perBucket("grant", "S3.GetBucketAcl", "s3:GetBucketAcl", readACL),
			perBucket("lifecycle_rule", "S3.GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", readLifecycle),
			perBucket("logging", "S3.GetBucketLogging", "s3:GetBucketLogging", readLogging),
			perBucket("object_ownership", "S3.GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", readOwnership),
			perBucket("policy", "S3.GetBucketPolicy", "s3:GetBucketPolicy", readPolicy),
			perBucket("policy_is_public", "S3.GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", readPolicyStatus),
			perBucket("public_access_block", "S3.GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", readBlock),
			perBucket("server_side_encryption_configuration", "S3.GetBucketEncryption", "s3:GetEncryptionConfiguration", readEncryption),
			perBucket("versioning", "S3.GetBucketVersioning", "s3:GetBucketVersioning", readVersioning),
		},
	})
}

func listBuckets(ctx context.Context, c *awskit.Cell, yield func(types.Bucket) error) error {
	// Only a listing in pages tells each bucket's region: ListBuckets, API reference.
	pages := s3.NewListBucketsPaginator(awskit.Client(c, s3.NewFromConfig), &s3.ListBucketsInput{MaxBuckets: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, b := range page.Buckets {
			if err := yield(b); err != nil {
				return err
			}
		}
	}
	return nil
}

func region(c *awskit.Cell, b types.Bucket) string {
	if r := aws.ToString(b.BucketRegion); r != "" {
		return r
	}
	return c.Account.Home
}

func arn(c *awskit.Cell, b types.Bucket) string {
	return "arn:" + c.Account.Partition + ":s3:::" + aws.ToString(b.Name)
}

// perBucket declares an attribute that costs one call per bucket, made in the
// bucket's own region.
func perBucket(attribute, operation, permission string, read func(context.Context, *s3.Client, *string, *awskit.Draft) error) awskit.Detail[types.Bucket] {
	return awskit.Detail[types.Bucket]{
		Attributes: []string{attribute},
		Calls:      []providers.Call{awskit.Call(operation, permission)},
		Read: func(ctx context.Context, c *awskit.Cell, b types.Bucket, d *awskit.Draft) error {
			err := read(ctx, awskit.ClientFor(c, "s3", region(c, b), s3.NewFromConfig), b.Name, d)
			if awskit.Is(err, "NoSuchBucket") {
				return awskit.ErrGone
			}
			return err
		},
	}
}

func readAccountBlock(ctx context.Context, c *awskit.Cell, _ types.Bucket, d *awskit.Draft) error {
	block, err := awskit.OncePerAccount(ctx, c, "s3 account public access block", func(ctx context.Context) (any, error) {
		out, err := awskit.ClientFor(c, "s3", "", s3control.NewFromConfig).GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: &c.Account.ID})
		if awskit.Is(err, "NoSuchPublicAccessBlockConfiguration") {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		b := out.PublicAccessBlockConfiguration
		if b == nil {
			return nil, nil
		}
		return blockOf(b.BlockPublicAcls, b.BlockPublicPolicy, b.IgnorePublicAcls, b.RestrictPublicBuckets), nil
	})
	if err != nil {
		return err
	}
	d.Set("account_public_access_block", block)
	return nil
}

func readBlock(ctx context.Context, client *s3.Client, name *string, d *awskit.Draft) error {
	out, err := client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: name})
	if awskit.Is(err, "NoSuchPublicAccessBlockConfiguration") {
		d.Set("public_access_block", nil)
		return nil
	}
	if err != nil {
		return err
	}
	if b := out.PublicAccessBlockConfiguration; b != nil {
		d.Set("public_access_block", blockOf(b.BlockPublicAcls, b.BlockPublicPolicy, b.IgnorePublicAcls, b.RestrictPublicBuckets))
	} else {
		d.Set("public_access_block", nil)
	}
	return nil
}

// blockOf is a public access block; a setting that the API leaves out is off.
func blockOf(acls, policy, ignore, restrict *bool) any {
	return map[string]any{
		"block_public_acls":       aws.ToBool(acls),
		"block_public_policy":     aws.ToBool(policy),
		"ignore_public_acls":      aws.ToBool(ignore),
		"restrict_public_buckets": aws.ToBool(restrict),
	}
}

func readPolicy(ctx context.Context, client *s3.Client, name *string, d *awskit.Draft) error {
	out, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name})
	if awskit.Is(err, "NoSuchBucketPolicy") {
		d.Set("policy", nil)
		return nil
	}
	if err != nil {
		return err
	}
	policy, err := iamdoc.Parse(aws.ToString(out.Policy))
	if err != nil {
		return &awskit.Unreadable{Call: "S3.GetBucketPolicy", Reason: providers.Failed, Why: err.Error()}
	}
	d.Set("policy", policy)
	return nil
}

func readPolicyStatus(ctx context.Context, client *s3.Client, name *string, d *awskit.Draft) error {
	out, err := client.GetBucketPolicyStatus(ctx, &s3.GetBucketPolicyStatusInput{Bucket: name})
	if awskit.Is(err, "NoSuchBucketPolicy") {
		d.Set("policy_is_public", nil)
		return nil
	}
	if err != nil {
		return err
	}
	if out.PolicyStatus == nil || out.PolicyStatus.IsPublic == nil {
		return &awskit.Unreadable{Call: "S3.GetBucketPolicyStatus", Reason: providers.Failed, Why: "the answer does not say whether the policy is public"}
	}
	d.Set("policy_is_public", out.PolicyStatus.IsPublic)
	return nil
}
