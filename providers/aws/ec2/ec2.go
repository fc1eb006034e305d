// Package ec2 reads Amazon EC2: instances, EBS volumes and snapshots, Elastic IP
// addresses, security groups and VPCs.
package ec2

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector {
	return []awskit.Collector{address(), instance(), securityGroup(), snapshot(), volume(), vpc()}
}

// pageSize is the number of items that one page of most listings can hold. Without
// it some operations try to answer with everything at once.
const pageSize = 1000

func client(c *awskit.Cell) *ec2.Client { return awskit.Client(c, ec2.NewFromConfig) }

// identify fills in the id, and the name from the tag that the console shows as one.
func identify(c *awskit.Cell, d *awskit.Draft, kind string, id *string, tags []types.Tag) {
	d.ID = c.ARN("ec2", kind+"/"+aws.ToString(id))
	d.Name = aws.ToString(id)
	for _, t := range tags {
		d.Tag(aws.ToString(t.Key), aws.ToString(t.Value))
		if aws.ToString(t.Key) == "Name" && aws.ToString(t.Value) != "" {
			d.Name = aws.ToString(t.Value)
		}
	}
}

// text is a named string as a value: null where the API leaves it out.
func text[T ~string](v T) any {
	if v == "" {
		return nil
	}
	return string(v)
}

// ownedBy reports whether a resource belongs to the account being read: resources
// that another account shares are that account's to answer for.
func ownedBy(c *awskit.Cell, owner *string) bool {
	return owner == nil || *owner == c.Account.ID
}

// interfaces is what is kept of the network interfaces of an account in a region.
type interfaces struct {
	byGroup map[string][]any // by security group, sorted by the interface's id
	perVPC  map[string]int
}

// networkInterfaces lists the network interfaces once for all types that want them.
func networkInterfaces(ctx context.Context, c *awskit.Cell) (interfaces, error) {
	return awskit.OncePerAccount(ctx, c, "EC2.DescribeNetworkInterfaces "+c.Region, func(ctx context.Context) (interfaces, error) {
		var all []types.NetworkInterface
		pages := ec2.NewDescribeNetworkInterfacesPaginator(client(c), &ec2.DescribeNetworkInterfacesInput{MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return interfaces{}, err
			}
			all = append(all, page.NetworkInterfaces...)
		}
		slices.SortFunc(all, func(a, b types.NetworkInterface) int {
			return strings.Compare(aws.ToString(a.NetworkInterfaceId), aws.ToString(b.NetworkInterfaceId))
		})
		out := interfaces{byGroup: map[string][]any{}, perVPC: map[string]int{}}
		for _, n := range all {
			out.perVPC[aws.ToString(n.VpcId)]++
			v6 := []any{}
			for _, a := range n.Ipv6Addresses {
				v6 = append(v6, aws.ToString(a.Ipv6Address))
			}
			plain := map[string]any{
				"id": aws.ToString(n.NetworkInterfaceId), "interface_type": text(n.InterfaceType),
				"ipv6_addresses": v6, "public_ip": nil,
			}
			if n.Association != nil {
				plain["public_ip"] = awskit.Plain(n.Association.PublicIp)
			}
			for _, g := range n.Groups {
				out.byGroup[aws.ToString(g.GroupId)] = append(out.byGroup[aws.ToString(g.GroupId)], plain)
			}
		}
		return out, nil
	})
}
