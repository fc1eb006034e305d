package rds

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// readIngress finds the rules through which anybody may reach the instance.
func readIngress(ctx context.Context, c *awskit.Cell, i types.DBInstance, d *awskit.Draft) error {
	byGroup, err := awskit.Once(ctx, c, "open security groups", func(ctx context.Context) (map[string][]any, error) {
		return listOpenGroups(ctx, c)
	})
	if err != nil {
		return err
	}
	rules := []any{}
	for _, g := range i.VpcSecurityGroups {
		open, known := byGroup[aws.ToString(g.VpcSecurityGroupId)]
		if !known {
			// The listing shows the account's own groups. One that is shared from
			// another account is in none of them, and may be open.
			d.Fail("ingress_from_anywhere", &awskit.Unreadable{
				Call: "EC2.DescribeSecurityGroups", Reason: providers.Failed,
				Why: "security group " + aws.ToString(g.VpcSecurityGroupId) + " is not among those of the account",
			})
			return nil
		}
		rules = append(rules, open...)
	}
	d.Set("ingress_from_anywhere", rules)
	return nil
}

// listOpenGroups returns, for every group of the region, its rules that are open
// to everybody: none, most often.
func listOpenGroups(ctx context.Context, c *awskit.Cell) (map[string][]any, error) {
	out := map[string][]any{}
	pages := ec2.NewDescribeSecurityGroupsPaginator(awskit.ClientFor(c, "ec2", c.Region, ec2.NewFromConfig), &ec2.DescribeSecurityGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range page.SecurityGroups {
			id := aws.ToString(g.GroupId)
			out[id] = []any{}
			for _, p := range g.IpPermissions {
				for _, cidr := range anywhere(p) {
					out[id] = append(out[id], map[string]any{
						"security_group_id": id, "cidr": cidr, "protocol": aws.ToString(p.IpProtocol),
						"from_port": p.FromPort, "to_port": p.ToPort,
					})
				}
			}
		}
	}
	return out, nil
}

// anywhere returns which of 0.0.0.0/0 and ::/0 a rule lets in.
func anywhere(p ec2types.IpPermission) []string {
	var out []string
	for _, r := range p.IpRanges {
		if aws.ToString(r.CidrIp) == "0.0.0.0/0" {
			out = append(out, "0.0.0.0/0")
		}
	}
	for _, r := range p.Ipv6Ranges {
		if aws.ToString(r.CidrIpv6) == "::/0" {
			out = append(out, "::/0")
		}
	}
	return out
}

// routes says which subnets and, for those without a route table of their own,
// which VPCs have a route to an internet gateway.
type routes struct {
	subnets, vpcs map[string]bool
}

func readRoutes(ctx context.Context, c *awskit.Cell, i types.DBInstance, d *awskit.Draft) error {
	r, err := awskit.Once(ctx, c, "internet routes", func(ctx context.Context) (routes, error) { return listRoutes(ctx, c) })
	if err != nil {
		return err
	}
	group := i.DBSubnetGroup
	if group == nil {
		d.Set("internet_gateway_route", nil)
		return nil
	}
	vpc, missing := aws.ToString(group.VpcId), ""
	for _, s := range group.Subnets {
		subnet := aws.ToString(s.SubnetIdentifier)
		open, known := r.subnets[subnet]
		if !known {
			open, known = r.vpcs[vpc]
		}
		if open {
			d.Set("internet_gateway_route", true)
			return nil
		}
		if !known {
			missing = subnet
		}
	}
	if missing != "" {
		// A shared subnet's route table belongs to the account that owns the VPC.
		d.Fail("internet_gateway_route", &awskit.Unreadable{
			Call: "EC2.DescribeRouteTables", Reason: providers.Failed,
			Why: "no route table of the account governs subnet " + missing,
		})
		return nil
	}
	d.Set("internet_gateway_route", false)
	return nil
}

func listRoutes(ctx context.Context, c *awskit.Cell) (routes, error) {
	out := routes{subnets: map[string]bool{}, vpcs: map[string]bool{}}
	pages := ec2.NewDescribeRouteTablesPaginator(awskit.ClientFor(c, "ec2", c.Region, ec2.NewFromConfig), &ec2.DescribeRouteTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return out, err
		}
		for _, t := range page.RouteTables {
			open := reachesInternet(t)
			for _, a := range t.Associations {
				if a.SubnetId != nil {
					out.subnets[*a.SubnetId] = open
				}
				if aws.ToBool(a.Main) {
					out.vpcs[aws.ToString(t.VpcId)] = open
				}
			}
		}
	}
	return out, nil
}

// reachesInternet says whether the table sends anything to an internet gateway.
func reachesInternet(t ec2types.RouteTable) bool {
	for _, r := range t.Routes {
		if strings.HasPrefix(aws.ToString(r.GatewayId), "igw-") && r.State != ec2types.RouteStateBlackhole {
			return true
		}
	}
	return false
}
