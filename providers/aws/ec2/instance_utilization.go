package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/metrics"
)

// utilizationDays is how many whole days of load are read.
const utilizationDays = 14

// utilization is the load of an instance: one point a day, as the maximum of a day
// is that of its hours.
func utilization() awskit.Detail[types.Instance] {
	series := []metrics.Series{
		{Namespace: "AWS/EC2", Name: "CPUUtilization", Statistic: "Maximum", Days: utilizationDays},
		{Namespace: "AWS/EC2", Name: "NetworkIn", Statistic: "Sum", Days: utilizationDays},
		{Namespace: "AWS/EC2", Name: "NetworkOut", Statistic: "Sum", Days: utilizationDays},
	}
	attributes := []string{"cpu_utilization", "network_in", "network_out"}
	return awskit.Detail[types.Instance]{
		Attributes: attributes,
		Calls:      []providers.Call{metrics.Call()},
		AtOnce:     500,
		ReadAll: func(ctx context.Context, c *awskit.Cell, items []types.Instance, drafts []*awskit.Draft) error {
			var dimensions []map[string]string
			var of []*awskit.Draft
			for n, i := range items {
				if state(i) != types.InstanceStateNameRunning {
					for _, a := range attributes {
						drafts[n].Set(a, nil)
					}
					continue
				}
				dimensions = append(dimensions, map[string]string{"InstanceId": aws.ToString(i.InstanceId)})
				of = append(of, drafts[n])
			}
			if len(of) == 0 {
				return nil
			}
			results, err := metrics.Read(ctx, c, dimensions, series...)
			if err != nil {
				return err
			}
			for n, d := range of {
				for k, a := range attributes {
					results[n][k].Set(d, a)
				}
			}
			return nil
		},
	}
}
