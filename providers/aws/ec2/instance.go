package ec2

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/internal/userdata"
)

func instance() awskit.Collector {
	return awskit.New(awskit.Type[types.Instance]{
		Name:    "aws_instance",
		Service: "ec2",
		Calls:   []providers.Call{awskit.Call("EC2.DescribeInstances", "ec2:DescribeInstances")},
		List:    listInstances,
		Attributes: []string{
			"ami", "availability_zone", "hibernated", "iam_instance_profile", "instance_lifecycle", "instance_state", "instance_type",
			"launch_time", "metadata_options", "public_ip", "stopped_at", "subnet_id", "tags", "tenancy", "vpc_security_group_ids",
		},
		Describe: describeInstance,
		Details: []awskit.Detail[types.Instance]{
			{
				Attributes: []string{"current_generation"},
				Calls:      []providers.Call{awskit.Call("EC2.DescribeInstanceTypes", "ec2:DescribeInstanceTypes")},
				ReadAll:    readGenerations,
			},
			{
				Attributes: []string{"user_data"},
				Calls:      []providers.Call{awskit.Call("EC2.DescribeInstanceAttribute", "ec2:DescribeInstanceAttribute")},
				Read:       readUserData,
			},
			utilization(),
		},
	})
}

func listInstances(ctx context.Context, c *awskit.Cell, yield func(types.Instance) error) error {
	pages := ec2.NewDescribeInstancesPaginator(client(c), &ec2.DescribeInstancesInput{MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, r := range page.Reservations {
			for _, i := range r.Instances {
				if s := state(i); s == types.InstanceStateNameTerminated || s == types.InstanceStateNameShuttingDown {
					continue // gone, and only remembered for an hour
				}
				if err := yield(i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func state(i types.Instance) types.InstanceStateName {
	if i.State == nil {
		return ""
	}
	return i.State.Name
}

func describeInstance(c *awskit.Cell, i types.Instance, d *awskit.Draft) {
	identify(c, d, "instance", i.InstanceId, i.Tags)
	for _, n := range i.NetworkInterfaces {
		// The primary interface is attached at launch and for ever: unlike LaunchTime
		// its attachment does not move when the instance is started again.
		if n.Attachment != nil && aws.ToInt32(n.Attachment.DeviceIndex) == 0 && aws.ToInt32(n.Attachment.NetworkCardIndex) == 0 {
			d.Created = aws.ToTime(n.Attachment.AttachTime).UTC()
		}
	}
	d.Set("ami", i.ImageId)
	d.Set("instance_type", text(i.InstanceType))
	d.Set("instance_state", text(state(i)))
	d.Set("instance_lifecycle", text(i.InstanceLifecycle))
	d.Set("launch_time", i.LaunchTime)
	d.Set("public_ip", i.PublicIpAddress)
	d.Set("subnet_id", i.SubnetId)
	d.Set("hibernated", i.StateReason != nil && aws.ToString(i.StateReason.Code) == "Client.UserInitiatedHibernate" && stopped(i))
	d.Set("stopped_at", nil)
	if stopped(i) {
		if at, ok := transition(aws.ToString(i.StateTransitionReason)); ok {
			d.Set("stopped_at", at)
		} else {
			d.Fail("stopped_at", &awskit.Unreadable{
				Call: "EC2.DescribeInstances", Reason: providers.Unsupported, Why: "EC2 does not tell when the instance was stopped",
			})
		}
	}
	var zone, tenancy any
	if i.Placement != nil {
		zone, tenancy = awskit.Plain(i.Placement.AvailabilityZone), text(i.Placement.Tenancy)
	}
	d.Set("availability_zone", zone)
	d.Set("tenancy", tenancy)
	var profile any
	if i.IamInstanceProfile != nil {
		arn := aws.ToString(i.IamInstanceProfile.Arn)
		profile = arn[strings.LastIndex(arn, "/")+1:]
	}
	d.Set("iam_instance_profile", profile)
	options := map[string]any{"http_endpoint": nil, "http_put_response_hop_limit": nil, "http_tokens": nil}
	if m := i.MetadataOptions; m != nil {
		options["http_endpoint"] = text(m.HttpEndpoint)
		options["http_tokens"] = text(m.HttpTokens)
		options["http_put_response_hop_limit"] = m.HttpPutResponseHopLimit
	}
	d.Set("metadata_options", options)
	groups := []string{}
	for _, g := range i.SecurityGroups {
		groups = append(groups, aws.ToString(g.GroupId))
	}
	slices.Sort(groups)
	d.Set("vpc_security_group_ids", groups)
}

func stopped(i types.Instance) bool { return state(i) == types.InstanceStateNameStopped }

var transitionTime = regexp.MustCompile(`\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)`)

// transition returns the time in a StateTransitionReason, such as
// "User initiated (2026-03-02 17:05:11 GMT)". Stops by AWS come without one.
func transition(reason string) (time.Time, bool) {
	m := transitionTime.FindStringSubmatch(reason)
	if m == nil {
		return time.Time{}, false
	}
	at, err := time.Parse(time.DateTime, m[1])
	return at, err == nil
}

func readGenerations(ctx context.Context, c *awskit.Cell, items []types.Instance, drafts []*awskit.Draft) error {
	var names []string
	for _, i := range items {
		names = append(names, string(i.InstanceType))
	}
	slices.Sort(names)
	// A filter, and not the parameter InstanceTypes: that one fails altogether when
	// the region does not know one of the types.
	pages := ec2.NewDescribeInstanceTypesPaginator(client(c), &ec2.DescribeInstanceTypesInput{
		Filters: []types.Filter{{Name: aws.String("instance-type"), Values: slices.Compact(names)}},
	})
	current := map[types.InstanceType]*bool{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, t := range page.InstanceTypes {
			current[t.InstanceType] = t.CurrentGeneration
		}
	}
	for n, i := range items {
		drafts[n].Set("current_generation", current[i.InstanceType])
	}
	return nil
}

func readUserData(ctx context.Context, c *awskit.Cell, i types.Instance, d *awskit.Draft) error {
	const call = "EC2.DescribeInstanceAttribute"
	out, err := client(c).DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{
		InstanceId: i.InstanceId, Attribute: types.InstanceAttributeNameUserData,
	})
	switch {
	case awskit.Is(err, "InvalidInstanceID.NotFound"):
		return awskit.ErrGone
	case err != nil:
		return err
	case out.UserData == nil || aws.ToString(out.UserData.Value) == "":
		d.Set("user_data", nil)
		return nil
	}
	kinds, err := userdata.Encoded(*out.UserData.Value)
	if err != nil {
		return &awskit.Unreadable{Call: call, Reason: providers.Failed, Why: err.Error()}
	}
	d.Set("user_data", map[string]any{"secrets": kinds})
	return nil
}
