package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func address() awskit.Collector {
	return awskit.New(awskit.Type[types.Address]{
		Name:    "aws_eip",
		Service: "ec2",
		Calls:   []providers.Call{awskit.Call("EC2.DescribeAddresses", "ec2:DescribeAddresses")},
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.Address) error) error {
			out, err := client(c).DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
			if err != nil {
				return err
			}
			for _, a := range out.Addresses {
				if err := yield(a); err != nil {
					return err
				}
			}
			return nil
		},
		Attributes: []string{"associated", "domain", "instance", "network_interface", "public_ip", "public_ipv4_pool", "service_managed", "tags"},
		Describe: func(c *awskit.Cell, a types.Address, d *awskit.Draft) {
			identify(c, d, "elastic-ip", a.AllocationId, a.Tags)
			d.Set("associated", aws.ToString(a.AssociationId) != "")
			d.Set("domain", text(a.Domain))
			d.Set("instance", text(aws.ToString(a.InstanceId)))
			d.Set("network_interface", text(aws.ToString(a.NetworkInterfaceId)))
			d.Set("public_ip", a.PublicIp)
			d.Set("public_ipv4_pool", a.PublicIpv4Pool)
			d.Set("service_managed", text(a.ServiceManaged))
		},
	})
}
