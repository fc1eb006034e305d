package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/macie2"
	"github.com/aws/aws-sdk-go-v2/service/macie2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// regionsAtOnce bounds how many regions are asked at the same time.
const regionsAtOnce = 8

// answer is what one region said.
type answer[T any] struct {
	region string
	value  T
	err    error
}

// ask puts the same question to every region.
func ask[T any](ctx context.Context, regions []string, question func(ctx context.Context, region string) (T, error)) []answer[T] {
	out := make([]answer[T], len(regions))
	var g errgroup.Group
	g.SetLimit(regionsAtOnce)
	for i, r := range regions {
		g.Go(func() error {
			v, err := question(ctx, r)
			out[i] = answer[T]{region: r, value: v, err: err}
			return nil // one region's failure leaves the others' answers standing
		})
	}
	_ = g.Wait()
	return out
}

// setRegional sets an attribute to a list with one object per region. The object of
// a region that could not be read is null and unknown.
func setRegional(d *awskit.Draft, attribute string, answers []answer[map[string]any]) {
	list := make([]any, len(answers))
	for i, a := range answers {
		if a.err != nil {
			d.Fail(fmt.Sprintf("%s.%d", attribute, i), a.err)
			continue
		}
		a.value["region"] = a.region
		list[i] = a.value
	}
	d.Set(attribute, list)
}

// readMacie asks Macie in every region that holds buckets.
func readMacie(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	if c.Account.RegionsErr != nil {
		return c.Account.RegionsErr
	}
	regions, err := bucketRegions(ctx, c)
	if err != nil {
		return err
	}
	setRegional(d, "macie", ask(ctx, regions, func(ctx context.Context, region string) (map[string]any, error) {
		return macieIn(ctx, awskit.ClientFor(c, "macie2", region, macie2.NewFromConfig))
	}))
	return nil
}

func macieIn(ctx context.Context, client *macie2.Client) (map[string]any, error) {
	session, err := client.GetMacieSession(ctx, &macie2.GetMacieSessionInput{})
	if macieOff(err) {
		return map[string]any{"status": nil, "automated_discovery": false, "jobs": []any{}}, nil
	}
	if err != nil {
		return nil, err
	}
	discovery, err := client.GetAutomatedDiscoveryConfiguration(ctx, &macie2.GetAutomatedDiscoveryConfigurationInput{})
	if err != nil {
		return nil, err
	}
	jobs := []any{}
	pages := macie2.NewListClassificationJobsPaginator(client, &macie2.ListClassificationJobsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, j := range page.Items {
			jobs = append(jobs, map[string]any{"job_type": j.JobType, "job_status": j.JobStatus, "created_at": j.CreatedAt})
		}
	}
	return map[string]any{
		"status":              session.Status,
		"automated_discovery": discovery.Status == types.AutomatedDiscoveryStatusEnabled,
		"jobs":                jobs,
	}, nil
}

// macieOff tells Macie's "not enabled" from a missing permission: both are an
// AccessDeniedException, and only the message differs.
func macieOff(err error) bool {
	if !awskit.Is(err, "AccessDeniedException") {
		return false
	}
	return strings.Contains(strings.ToLower(message(err)), "macie is not enabled")
}

// bucketRegions are the selected regions that hold a bucket, sorted.
func bucketRegions(ctx context.Context, c *awskit.Cell) ([]string, error) {
	found := map[string]bool{}
	// With a page size the answer names each bucket's region: ListBuckets in the S3
	// API reference, "BucketRegion".
	pages := s3.NewListBucketsPaginator(awskit.ClientFor(c, "s3", "", s3.NewFromConfig), &s3.ListBucketsInput{MaxBuckets: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, b := range page.Buckets {
			if deref(b.BucketRegion) == "" {
				return nil, &awskit.Unreadable{Call: "S3.ListBuckets", Reason: providers.Failed, Why: "the answer does not name the region of bucket " + deref(b.Name)}
			}
			found[*b.BucketRegion] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(c.Account.Regions), func(r string) bool { return !found[r] }), nil
}

// readIdentityCenter looks for IAM Identity Center in every enabled region: an
// instance lives in one region and shows only there.
func readIdentityCenter(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	switch {
	case c.Account.RegionsErr != nil:
		return c.Account.RegionsErr
	case c.Account.Enabled == nil:
		return awskit.Lacking("ec2:DescribeRegions", &awskit.Unreadable{
			Call: "EC2.DescribeRegions", Reason: providers.Denied, Why: "the list of enabled regions cannot be read, so an instance in another region may be missed",
		})
	}
	answers := ask(ctx, c.Account.Enabled, func(ctx context.Context, region string) ([]*string, error) {
		var arns []*string
		pages := ssoadmin.NewListInstancesPaginator(awskit.ClientFor(c, "sso", region, ssoadmin.NewFromConfig), &ssoadmin.ListInstancesInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, i := range page.Instances {
				arns = append(arns, i.InstanceArn)
			}
		}
		return arns, nil
	})
	all := []*string{}
	for _, a := range answers {
		if a.err != nil && awskit.ReasonOf(a.err) != providers.Unsupported {
			return a.err
		}
		all = append(all, a.value...)
	}
	// An instance that is replicated shows in several regions.
	slices.SortFunc(all, func(a, b *string) int { return strings.Compare(deref(a), deref(b)) })
	d.Set("identity_center_instances", slices.CompactFunc(all, func(a, b *string) bool { return deref(a) == deref(b) }))
	return nil
}

func message(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}
