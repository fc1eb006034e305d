package ec2

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func securityGroup() awskit.Collector {
	return awskit.New(awskit.Type[types.SecurityGroup]{
		Name:    "aws_security_group",
		Service: "ec2",
		Calls:   []providers.Call{awskit.Call("EC2.DescribeSecurityGroups", "ec2:DescribeSecurityGroups")},
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.SecurityGroup) error) error {
			pages := ec2.NewDescribeSecurityGroupsPaginator(client(c), &ec2.DescribeSecurityGroupsInput{MaxResults: aws.Int32(pageSize)})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, g := range page.SecurityGroups {
					if !ownedBy(c, g.OwnerId) {
						continue
					}
					if err := yield(g); err != nil {
						return err
					}
				}
			}
			return nil
		},
		Attributes: []string{"description", "egress", "ingress", "name", "tags", "vpc_id"},
		Describe: func(c *awskit.Cell, g types.SecurityGroup, d *awskit.Draft) {
			identify(c, d, "security-group", g.GroupId, g.Tags)
			d.Name = aws.ToString(g.GroupName)
			d.Set("description", g.Description)
			d.Set("egress", rules(g, g.IpPermissionsEgress))
			d.Set("ingress", rules(g, g.IpPermissions))
			d.Set("name", g.GroupName)
			d.Set("vpc_id", g.VpcId)
		},
		Details: []awskit.Detail[types.SecurityGroup]{
			{
				Attributes: []string{"network_interfaces"},
				Calls:      []providers.Call{awskit.Call("EC2.DescribeNetworkInterfaces", "ec2:DescribeNetworkInterfaces")},
				Shared:     true,
				Read: func(ctx context.Context, c *awskit.Cell, g types.SecurityGroup, d *awskit.Draft) error {
					all, err := networkInterfaces(ctx, c)
					if err != nil {
						return err
					}
					d.Set("network_interfaces", append([]any{}, all.byGroup[aws.ToString(g.GroupId)]...))
					return nil
				},
			},
			{
				Attributes: []string{"prefix_list_cidrs"},
				Calls:      []providers.Call{awskit.Call("EC2.GetManagedPrefixListEntries", "ec2:GetManagedPrefixListEntries")},
				Read:       readPrefixLists,
			},
		},
	})
}

// protocols are the names that EC2 gives to the numbers of protocols with ports or types.
func protocolName(p string) string {
	switch p = strings.ToLower(p); p {
	case "1":
		return "icmp"
	case "6":
		return "tcp"
	case "17":
		return "udp"
	case "58":
		return "icmpv6"
	case "all":
		return "-1"
	}
	return p
}

// rules turns permissions into rules: a permission holds all sources of a protocol
// and port range, a rule those of them that share a description.
func rules(g types.SecurityGroup, permissions []types.IpPermission) []any {
	out := []any{}
	for _, p := range permissions {
		byText := map[string]map[string]any{}
		rule := func(description *string) map[string]any {
			text := aws.ToString(description)
			if r, ok := byText[text]; ok {
				return r
			}
			r := map[string]any{
				"cidr_blocks": []any{}, "description": nil, "from_port": int64(aws.ToInt32(p.FromPort)), "ipv6_cidr_blocks": []any{},
				"prefix_list_ids": []any{}, "protocol": protocolName(aws.ToString(p.IpProtocol)), "security_groups": []any{},
				"self": false, "to_port": int64(aws.ToInt32(p.ToPort)),
			}
			if text != "" {
				r["description"] = text
			}
			byText[text] = r
			out = append(out, r)
			return r
		}
		add := func(description *string, list string, source *string) {
			r := rule(description)
			r[list] = append(r[list].([]any), aws.ToString(source))
		}
		for _, r := range p.IpRanges {
			add(r.Description, "cidr_blocks", r.CidrIp)
		}
		for _, r := range p.Ipv6Ranges {
			add(r.Description, "ipv6_cidr_blocks", r.CidrIpv6)
		}
		for _, r := range p.PrefixListIds {
			add(r.Description, "prefix_list_ids", r.PrefixListId)
		}
		for _, r := range p.UserIdGroupPairs {
			id := aws.ToString(r.GroupId)
			switch {
			case id == aws.ToString(g.GroupId):
				rule(r.Description)["self"] = true
				continue
			case aws.ToString(r.UserId) != "" && aws.ToString(r.UserId) != aws.ToString(g.OwnerId):
				id = aws.ToString(r.UserId) + "/" + id
			}
			add(r.Description, "security_groups", &id)
		}
	}
	return out
}

// readPrefixLists reads what is in the prefix lists that the group's rules name,
// each list once for all groups. A list that cannot be read is unknown, and the
// others stand.
func readPrefixLists(ctx context.Context, c *awskit.Cell, g types.SecurityGroup, d *awskit.Draft) error {
	var ids []string
	for _, p := range slices.Concat(g.IpPermissions, g.IpPermissionsEgress) {
		for _, l := range p.PrefixListIds {
			ids = append(ids, aws.ToString(l.PrefixListId))
		}
	}
	slices.Sort(ids)
	out := map[string]any{}
	for _, id := range slices.Compact(ids) {
		cidrs, err := awskit.Once(ctx, c, "EC2.GetManagedPrefixListEntries "+id, func(ctx context.Context) ([]string, error) {
			return prefixListEntries(ctx, client(c), id)
		})
		if err != nil {
			out[id] = nil
			d.Fail("prefix_list_cidrs."+id, err)
			continue
		}
		out[id] = cidrs
	}
	d.Set("prefix_list_cidrs", out)
	return nil
}

func prefixListEntries(ctx context.Context, client *ec2.Client, id string) ([]string, error) {
	out := []string{}
	pages := ec2.NewGetManagedPrefixListEntriesPaginator(client, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: &id, MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			out = append(out, aws.ToString(e.Cidr))
		}
	}
	slices.Sort(out)
	return out, nil
}
