// Package elb reads application, network and gateway load balancers (Elastic Load
// Balancing v2). Classic load balancers are not read.
package elb

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{loadBalancer()} }

const (
	pageSize     = 400 // the largest page of every listing of the service
	tagsPerCall  = 20  // DescribeTags, "ResourceArns"
	notFoundCode = "LoadBalancerNotFound"
)

func call(operation string) providers.Call {
	return awskit.Call("ElasticLoadBalancingv2."+operation, "elasticloadbalancing:"+operation)
}

func client(c *awskit.Cell) *elb.Client { return awskit.Client(c, elb.NewFromConfig) }

func loadBalancer() awskit.Collector {
	return awskit.New(awskit.Type[types.LoadBalancer]{
		Name:    "aws_lb",
		Service: "elasticloadbalancing",
		Calls:   []providers.Call{call("DescribeLoadBalancers")},
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.LoadBalancer) error) error {
			pages := elb.NewDescribeLoadBalancersPaginator(client(c), &elb.DescribeLoadBalancersInput{PageSize: aws.Int32(pageSize)})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, b := range page.LoadBalancers {
					if err := yield(b); err != nil {
						return err
					}
				}
			}
			return nil
		},
		Attributes: []string{"internal", "load_balancer_type", "security_groups", "state", "subnets", "vpc_id"},
		Describe:   describe,
		Details: []awskit.Detail[types.LoadBalancer]{
			{
				Attributes: []string{"tags"},
				Calls:      []providers.Call{call("DescribeTags")},
				ReadAll:    readTags,
				AtOnce:     tagsPerCall,
			},
			{
				Attributes: []string{"listeners"},
				Calls:      []providers.Call{call("DescribeListeners")},
				Read:       readListeners,
			},
			{
				Attributes: []string{"listener_rules"},
				Calls:      []providers.Call{call("DescribeRules"), call("DescribeListeners")},
				Read:       readRules,
			},
			{
				Attributes: []string{"target_groups"},
				Calls:      []providers.Call{call("DescribeTargetGroups"), call("DescribeTargetHealth")},
				Read:       readTargetGroups,
			},
		},
	})
}

func describe(_ *awskit.Cell, b types.LoadBalancer, d *awskit.Draft) {
	d.ID = aws.ToString(b.LoadBalancerArn)
	d.Name = aws.ToString(b.LoadBalancerName)
	d.Created = aws.ToTime(b.CreatedTime).UTC()
	d.Set("internal", b.Scheme == types.LoadBalancerSchemeEnumInternal)
	d.Set("load_balancer_type", text(b.Type))
	d.Set("security_groups", sorted(b.SecurityGroups))
	var state any
	if b.State != nil {
		state = text(b.State.Code)
	}
	d.Set("state", state)
	var subnets []string
	for _, z := range b.AvailabilityZones {
		subnets = append(subnets, aws.ToString(z.SubnetId))
	}
	d.Set("subnets", sorted(subnets))
	d.Set("vpc_id", b.VpcId)
}

func readTags(ctx context.Context, c *awskit.Cell, items []types.LoadBalancer, drafts []*awskit.Draft) error {
	in := &elb.DescribeTagsInput{}
	byARN := map[string]*awskit.Draft{}
	for i, b := range items {
		in.ResourceArns = append(in.ResourceArns, aws.ToString(b.LoadBalancerArn))
		byARN[aws.ToString(b.LoadBalancerArn)] = drafts[i]
	}
	out, err := client(c).DescribeTags(ctx, in)
	switch {
	case awskit.Is(err, notFoundCode) && len(items) == 1:
		drafts[0].Drop()
		return nil
	case awskit.Is(err, notFoundCode):
		// One of them was deleted meanwhile, and the call tells only of all together.
		for i := range items {
			if err := readTags(ctx, c, items[i:i+1], drafts[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	case err != nil:
		return err
	}
	for _, t := range out.TagDescriptions {
		d := byARN[aws.ToString(t.ResourceArn)]
		if d == nil {
			continue
		}
		for _, tag := range t.Tags {
			d.Tag(aws.ToString(tag.Key), aws.ToString(tag.Value))
		}
	}
	return nil
}

// targetGroups lists the target groups of the region once.
func targetGroups(ctx context.Context, c *awskit.Cell) ([]types.TargetGroup, error) {
	return awskit.Once(ctx, c, "DescribeTargetGroups", func(ctx context.Context) ([]types.TargetGroup, error) {
		var out []types.TargetGroup
		pages := elb.NewDescribeTargetGroupsPaginator(client(c), &elb.DescribeTargetGroupsInput{PageSize: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			out = append(out, page.TargetGroups...)
		}
		slices.SortFunc(out, func(a, b types.TargetGroup) int {
			return strings.Compare(aws.ToString(a.TargetGroupArn), aws.ToString(b.TargetGroupArn))
		})
		return out, nil
	})
}

// readTargetGroups reads the target groups to which a listener or rule of the load
// balancer forwards: these have it among their load balancers, so the rules need
// not be read.
func readTargetGroups(ctx context.Context, c *awskit.Cell, b types.LoadBalancer, d *awskit.Draft) error {
	all, err := targetGroups(ctx, c)
	if err != nil {
		return err
	}
	groups := []any{}
	for _, g := range all {
		if !slices.Contains(g.LoadBalancerArns, aws.ToString(b.LoadBalancerArn)) {
			continue
		}
		out, err := client(c).DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
		if awskit.Is(err, "TargetGroupNotFound") {
			continue // deleted since it was listed
		}
		if err != nil {
			return err
		}
		targets := 0
		for _, t := range out.TargetHealthDescriptions {
			// A draining target is no longer registered; its last requests end.
			if t.TargetHealth == nil || t.TargetHealth.State != types.TargetHealthStateEnumDraining {
				targets++
			}
		}
		groups = append(groups, map[string]any{
			"id": aws.ToString(g.TargetGroupArn), "name": g.TargetGroupName, "target_type": text(g.TargetType), "targets": targets,
		})
	}
	d.Set("target_groups", groups)
	return nil
}

// text is a named string as a value: null where the API leaves it out.
func text[T ~string](v T) any {
	if v == "" {
		return nil
	}
	return string(v)
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
