package ec2

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

func vpc() awskit.Collector {
	return awskit.New(awskit.Type[types.Vpc]{
		Name:    "aws_vpc",
		Service: "ec2",
		Calls:   []providers.Call{awskit.Call("EC2.DescribeVpcs", "ec2:DescribeVpcs")},
		List: func(ctx context.Context, c *awskit.Cell, yield func(types.Vpc) error) error {
			pages := ec2.NewDescribeVpcsPaginator(client(c), &ec2.DescribeVpcsInput{MaxResults: aws.Int32(pageSize)})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, v := range page.Vpcs {
					if !ownedBy(c, v.OwnerId) {
						continue
					}
					if err := yield(v); err != nil {
						return err
					}
				}
			}
			return nil
		},
		Attributes: []string{"cidr_block", "instance_tenancy", "is_default", "tags"},
		Describe: func(c *awskit.Cell, v types.Vpc, d *awskit.Draft) {
			identify(c, d, "vpc", v.VpcId, v.Tags)
			if aws.ToBool(v.IsDefault) && d.Name == aws.ToString(v.VpcId) {
				d.Name = "default" // as default security groups are called
			}
			d.Set("cidr_block", v.CidrBlock)
			d.Set("instance_tenancy", text(v.InstanceTenancy))
			d.Set("is_default", aws.ToBool(v.IsDefault))
		},
		Details: []awskit.Detail[types.Vpc]{
			{
				Attributes: []string{"dynamodb_in_use"},
				Calls:      []providers.Call{awskit.Call("DynamoDB.ListTables", "dynamodb:ListTables")},
				Shared:     true,
				Read:       readDynamoDB,
			},
			partOf("flow_logs", "DescribeFlowLogs", flowLogs),
			partOf("nat_gateways", "DescribeNatGateways", natGateways),
			{
				Attributes: []string{"network_interface_count"},
				Calls:      []providers.Call{awskit.Call("EC2.DescribeNetworkInterfaces", "ec2:DescribeNetworkInterfaces")},
				Shared:     true,
				Read: func(ctx context.Context, c *awskit.Cell, v types.Vpc, d *awskit.Draft) error {
					all, err := networkInterfaces(ctx, c)
					if err != nil {
						return err
					}
					d.Set("network_interface_count", all.perVPC[aws.ToString(v.VpcId)])
					return nil
				},
			},
			partOf("route_tables", "DescribeRouteTables", routeTables),
			partOf("vpc_endpoints", "DescribeVpcEndpoints", endpoints),
		},
	})
}

// part is something that belongs to a VPC.
type part struct {
	vpc, id string
	plain   map[string]any
}

// partOf is the detail whose attribute lists the parts of a VPC: they are listed
// once for all VPCs.
func partOf(attribute, operation string, list func(context.Context, *ec2.Client) ([]part, error)) awskit.Detail[types.Vpc] {
	return awskit.Detail[types.Vpc]{
		Attributes: []string{attribute},
		Calls:      []providers.Call{awskit.Call("EC2."+operation, "ec2:"+operation)},
		Shared:     true,
		Read: func(ctx context.Context, c *awskit.Cell, v types.Vpc, d *awskit.Draft) error {
			all, err := awskit.Once(ctx, c, operation, func(ctx context.Context) ([]part, error) {
				parts, err := list(ctx, client(c))
				for _, p := range parts {
					p.plain["id"] = p.id
				}
				slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.id, b.id) })
				return parts, err
			})
			if err != nil {
				return err
			}
			out := []any{}
			for _, p := range all {
				if p.vpc == aws.ToString(v.VpcId) {
					out = append(out, p.plain)
				}
			}
			d.Set(attribute, out)
			return nil
		},
	}
}

func flowLogs(ctx context.Context, client *ec2.Client) ([]part, error) {
	var out []part
	pages := ec2.NewDescribeFlowLogsPaginator(client, &ec2.DescribeFlowLogsInput{MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, f := range page.FlowLogs {
			out = append(out, part{aws.ToString(f.ResourceId), aws.ToString(f.FlowLogId), map[string]any{
				"deliver_logs_status": awskit.Plain(f.DeliverLogsStatus), "log_destination_type": text(f.LogDestinationType),
				"status": awskit.Plain(f.FlowLogStatus), "traffic_type": text(f.TrafficType),
			}})
		}
	}
	return out, nil
}

func natGateways(ctx context.Context, client *ec2.Client) ([]part, error) {
	var out []part
	pages := ec2.NewDescribeNatGatewaysPaginator(client, &ec2.DescribeNatGatewaysInput{MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, n := range page.NatGateways {
			if n.State == types.NatGatewayStateDeleted {
				continue // remembered for about an hour
			}
			out = append(out, part{aws.ToString(n.VpcId), aws.ToString(n.NatGatewayId), map[string]any{
				"connectivity_type": text(n.ConnectivityType), "state": text(n.State),
			}})
		}
	}
	return out, nil
}

func routeTables(ctx context.Context, client *ec2.Client) ([]part, error) {
	var out []part
	pages := ec2.NewDescribeRouteTablesPaginator(client, &ec2.DescribeRouteTablesInput{MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range page.RouteTables {
			var nat any
			for _, r := range t.Routes {
				if aws.ToString(r.DestinationCidrBlock) == "0.0.0.0/0" && r.NatGatewayId != nil {
					nat = *r.NatGatewayId
				}
			}
			out = append(out, part{aws.ToString(t.VpcId), aws.ToString(t.RouteTableId), map[string]any{
				"default_nat_gateway_id": nat,
				"main":                   slices.ContainsFunc(t.Associations, func(a types.RouteTableAssociation) bool { return aws.ToBool(a.Main) }),
			}})
		}
	}
	return out, nil
}

func endpoints(ctx context.Context, client *ec2.Client) ([]part, error) {
	var out []part
	pages := ec2.NewDescribeVpcEndpointsPaginator(client, &ec2.DescribeVpcEndpointsInput{MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.VpcEndpoints {
			tables := append([]string{}, e.RouteTableIds...)
			slices.Sort(tables)
			out = append(out, part{aws.ToString(e.VpcId), aws.ToString(e.VpcEndpointId), map[string]any{
				"route_table_ids": tables, "service_name": awskit.Plain(e.ServiceName),
				// The API answers "available", its reference writes "Available".
				"state": text(strings.ToLower(string(e.State))), "vpc_endpoint_type": text(e.VpcEndpointType),
			}})
		}
	}
	return out, nil
}

func readDynamoDB(ctx context.Context, c *awskit.Cell, _ types.Vpc, d *awskit.Draft) error {
	used, err := awskit.Once(ctx, c, "DynamoDB.ListTables", func(ctx context.Context) (bool, error) {
		out, err := awskit.ClientFor(c, "dynamodb", c.Region, dynamodb.NewFromConfig).ListTables(ctx, &dynamodb.ListTablesInput{Limit: aws.Int32(1)})
		if err != nil {
			return false, err
		}
		return len(out.TableNames) > 0, nil
	})
	if err != nil {
		return err
	}
	d.Set("dynamodb_in_use", used)
	return nil
}
