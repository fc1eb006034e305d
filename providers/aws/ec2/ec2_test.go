package ec2

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

// estate is the account with answers of us-east-1, by service.
func estate(answers map[string]string) fstest.MapFS {
	docs := fstest.MapFS{}
	for service, text := range answers {
		docs["111111111111/us-east-1/"+service+".json"] = &fstest.MapFile{Data: []byte(text)}
	}
	return docs
}

// read returns the attributes of the resources of a type by name, with what is
// unknown under "? <path>", and the gaps of the type by path.
func read(t *testing.T, answers map[string]string, f awssim.Faults, typ providers.Type) (map[string]map[string]any, map[string]providers.Reason) {
	t.Helper()
	resources, all := awstest.Collect(t, estate(answers), f, Collectors()...)
	out, gaps := map[string]map[string]any{}, map[string]providers.Reason{}
	for _, r := range resources {
		if r.Type != typ {
			continue
		}
		for p, why := range r.Unknown {
			r.Attributes["? "+p] = why
		}
		out[r.Name] = r.Attributes
	}
	for _, g := range all {
		if g.Type == typ {
			gaps[g.Path] = g.Reason
		}
	}
	return out, gaps
}

// pick returns some of the attributes.
func pick(from map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		if v, ok := from[n]; ok {
			out[n] = v
		}
	}
	return out
}

func TestWhenAnInstanceWasStopped(t *testing.T) {
	answers := map[string]string{"ec2": `{"DescribeInstances": {"Reservations": [{"Instances": [
		{"InstanceId": "i-user", "InstanceType": "t3.small", "State": {"Name": "stopped"}, "StateTransitionReason": "User initiated (2026-03-02 17:05:11 GMT)"},
		{"InstanceId": "i-hibernated", "InstanceType": "t3.small", "State": {"Name": "stopped"}, "StateTransitionReason": "User initiated (2026-03-02 17:05:11 GMT)", "StateReason": {"Code": "Client.UserInitiatedHibernate"}},
		{"InstanceId": "i-aws", "InstanceType": "t3.small", "State": {"Name": "stopped"}, "StateTransitionReason": "Server.ScheduledStop"},
		{"InstanceId": "i-running", "InstanceType": "t3.small", "State": {"Name": "running"}, "StateTransitionReason": ""},
		{"InstanceId": "i-gone", "InstanceType": "t3.small", "State": {"Name": "terminated"}, "StateTransitionReason": "User initiated (2026-06-30 17:05:11 GMT)"}
	]}]}}`}
	got, gaps := read(t, answers, awssim.Faults{}, "aws_instance")
	for name := range got {
		got[name] = pick(got[name], "stopped_at", "? stopped_at", "hibernated")
	}
	want := map[string]map[string]any{
		"i-user":       {"stopped_at": "2026-03-02T17:05:11Z", "hibernated": false},
		"i-hibernated": {"stopped_at": "2026-03-02T17:05:11Z", "hibernated": true},
		"i-aws":        {"? stopped_at": providers.Unsupported, "hibernated": false},
		"i-running":    {"stopped_at": nil, "hibernated": false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]providers.Reason{"stopped_at": providers.Unsupported}, gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func TestUserDataIsLookedThroughAndNotKept(t *testing.T) {
	const canary = "q7R!vT2m_Zx9"
	b64 := base64.StdEncoding.EncodeToString([]byte("#!/bin/bash\nexport DB_PASSWORD='" + canary + "'\n"))
	answers := map[string]string{"ec2": `{
		"DescribeInstances": {"Reservations": [{"Instances": [
			{"InstanceId": "i-secret", "State": {"Name": "running"}}, {"InstanceId": "i-none", "State": {"Name": "running"}},
			{"InstanceId": "i-broken", "State": {"Name": "running"}}, {"InstanceId": "i-gone", "State": {"Name": "running"}}
		]}]},
		"DescribeInstanceAttribute/i-secret": {"UserData": {"Value": "` + b64 + `"}},
		"DescribeInstanceAttribute/i-none": {"UserData": {}},
		"DescribeInstanceAttribute/i-broken": {"UserData": {"Value": "` + canary + `"}},
		"DescribeInstanceAttribute/i-gone": {"__error__": "InvalidInstanceID.NotFound", "message": "gone"}
	}`}
	got, gaps := read(t, answers, awssim.Faults{}, "aws_instance")
	whole, err := json.Marshal([]any{got, gaps})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(whole), canary) {
		t.Errorf("the text of the script travels: %s", whole)
	}
	for name := range got {
		got[name] = pick(got[name], "user_data", "? user_data")
	}
	want := map[string]map[string]any{
		"i-secret": {"user_data": map[string]any{"secrets": []any{"password"}}},
		"i-none":   {"user_data": nil},
		"i-broken": {"? user_data": providers.Failed},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
}

func TestSilentMetricsAreNoLoad(t *testing.T) {
	answers := map[string]string{
		"ec2": `{"DescribeInstances": {"Reservations": [{"Instances": [
			{"InstanceId": "i-busy", "State": {"Name": "running"}}, {"InstanceId": "i-silent", "State": {"Name": "running"}},
			{"InstanceId": "i-stopped", "State": {"Name": "stopped"}, "StateTransitionReason": "User initiated (2026-03-02 17:05:11 GMT)"},
			{"InstanceId": "i-partial", "State": {"Name": "running"}}
		]}]}}`,
		"cloudwatch": `{
			"GetMetricData/AWS/EC2/CPUUtilization/Maximum/i-busy": {"Last": "2026-06-30T00:00:00Z", "Values": [80.5, 70]},
			"GetMetricData/AWS/EC2/CPUUtilization/Maximum/i-partial": {"Last": "2026-06-30T00:00:00Z", "Values": [1], "Status": "PartialData"}
		}`,
	}
	got, gaps := read(t, answers, awssim.Faults{}, "aws_instance")
	for name := range got {
		got[name] = pick(got[name], "cpu_utilization", "? cpu_utilization", "network_in")
	}
	none := []any{}
	want := map[string]map[string]any{
		"i-busy": {
			"cpu_utilization": []any{
				map[string]any{"start": "2026-06-30T00:00:00Z", "value": 80.5}, map[string]any{"start": "2026-06-29T00:00:00Z", "value": 70.0},
			}, "network_in": none,
		},
		"i-silent":  {"cpu_utilization": none, "network_in": none},
		"i-stopped": {"cpu_utilization": nil, "network_in": nil},
		"i-partial": {"? cpu_utilization": providers.Failed, "network_in": none},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]providers.Reason{"cpu_utilization": providers.Failed}, gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func TestWhatAVolumeIsAttachedTo(t *testing.T) {
	event := func(at, id, code string) string {
		return `{"EventId": "e", "EventTime": "` + at + `", "CloudTrailEvent": "{\"errorCode\": \"` + code + `\", \"requestParameters\": {\"volumeId\": \"` + id + `\"}}"}`
	}
	answers := map[string]string{
		"ec2": `{"DescribeVolumes": {"Volumes": [
			{"VolumeId": "vol-attached", "State": "in-use", "Attachments": [{"InstanceId": "i-1", "Device": "/dev/xvda", "State": "attached", "DeleteOnTermination": true}]},
			{"VolumeId": "vol-task", "State": "in-use", "Attachments": [{"AssociatedResource": "arn:aws:ecs:us-east-1:111111111111:task/c/t", "InstanceOwningService": "ecs.amazonaws.com", "State": "attached"}]},
			{"VolumeId": "vol-detached", "State": "available"}, {"VolumeId": "vol-old", "State": "available"}
		]}}`,
		"cloudtrail": `{"LookupEvents": {"Events": [` + strings.Join([]string{
			event("2026-06-20T10:00:00Z", "vol-detached", ""), event("2026-05-01T10:00:00Z", "vol-detached", ""),
			event("2026-06-25T10:00:00Z", "vol-detached", "Client.UnauthorizedOperation"),
		}, ",") + `]}}`,
	}
	got, _ := read(t, answers, awssim.Faults{}, "aws_ebs_volume")
	for name := range got {
		got[name] = pick(got[name], "attachments", "detached_at")
	}
	want := map[string]map[string]any{
		"vol-attached": {"detached_at": nil, "attachments": []any{map[string]any{
			"delete_on_termination": true, "device_name": "/dev/xvda", "instance": "arn:aws:ec2:us-east-1:111111111111:instance/i-1", "instance_id": "i-1", "state": "attached",
		}}},
		"vol-task": {"detached_at": nil, "attachments": []any{map[string]any{
			"delete_on_termination": nil, "device_name": nil, "instance": nil, "instance_id": nil, "state": "attached",
		}}},
		"vol-detached": {"detached_at": "2026-06-20T10:00:00Z", "attachments": []any{}},
		"vol-old":      {"detached_at": nil, "attachments": []any{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("volumes (-want +got):\n%s", diff)
	}
}

func TestWithoutTheEventHistoryAttachedVolumesAreKnownAllTheSame(t *testing.T) {
	answers := map[string]string{"ec2": `{"DescribeVolumes": {"Volumes": [
		{"VolumeId": "vol-attached", "State": "in-use", "Attachments": [{"InstanceId": "i-1"}]}, {"VolumeId": "vol-free", "State": "available"}
	]}}`}
	got, gaps := read(t, answers, awssim.Faults{Deny: func(op string) bool { return op == "CloudTrail.LookupEvents" }}, "aws_ebs_volume")
	for name := range got {
		got[name] = pick(got[name], "detached_at", "? detached_at")
	}
	want := map[string]map[string]any{"vol-attached": {"detached_at": nil}, "vol-free": {"? detached_at": providers.Denied}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("volumes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]providers.Reason{"detached_at": providers.Denied}, gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func TestPermissionsBecomeRules(t *testing.T) {
	answers := map[string]string{"ec2": `{"DescribeSecurityGroups": {"SecurityGroups": [
		{"GroupId": "sg-1", "GroupName": "web", "Description": "web", "OwnerId": "111111111111", "VpcId": "vpc-1", "IpPermissions": [
			{"IpProtocol": "6", "FromPort": 443, "ToPort": 443,
			 "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "office"}, {"CidrIp": "192.168.0.0/16"}], "Ipv6Ranges": [{"CidrIpv6": "fd00::/8", "Description": "office"}],
			 "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": "111111111111"}, {"GroupId": "sg-2", "UserId": "111111111111"}, {"GroupId": "sg-3", "UserId": "222222222222"}]},
			{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": "111111111111"}]},
			{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
		]},
		{"GroupId": "sg-9", "GroupName": "of another account", "OwnerId": "999999999999", "VpcId": "vpc-9"}
	]}}`}
	got, _ := read(t, answers, awssim.Faults{}, "aws_security_group")
	rule := func(protocol string, port int64, changes map[string]any) map[string]any {
		r := map[string]any{
			"cidr_blocks": []any{}, "description": nil, "from_port": port, "ipv6_cidr_blocks": []any{}, "prefix_list_ids": []any{}, "protocol": protocol,
			"security_groups": []any{}, "self": false, "to_port": port,
		}
		for k, v := range changes {
			r[k] = v
		}
		return r
	}
	want := map[string]map[string]any{"web": {
		"description": "web", "egress": []any{}, "name": "web", "network_interfaces": []any{}, "prefix_list_cidrs": map[string]any{}, "vpc_id": "vpc-1",
		"ingress": []any{
			rule("tcp", 443, map[string]any{"description": "office", "cidr_blocks": []any{"10.0.0.0/8"}, "ipv6_cidr_blocks": []any{"fd00::/8"}}),
			rule("tcp", 443, map[string]any{"cidr_blocks": []any{"192.168.0.0/16"}, "self": true, "security_groups": []any{"sg-2", "222222222222/sg-3"}}),
			rule("-1", 0, map[string]any{"self": true}),
			rule("icmp", -1, map[string]any{"cidr_blocks": []any{"0.0.0.0/0"}}),
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestAPrefixListThatCannotBeReadIsUnknownAndTheOthersStand(t *testing.T) {
	answers := map[string]string{"ec2": `{
		"DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-1", "GroupName": "web", "VpcId": "vpc-1",
			"IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": "pl-1"}, {"PrefixListId": "pl-2"}]}]}]},
		"GetManagedPrefixListEntries/pl-1": {"Entries": [{"Cidr": "10.2.0.0/16"}, {"Cidr": "10.1.0.0/16"}]},
		"GetManagedPrefixListEntries/pl-2": {"__error__": "UnauthorizedOperation", "message": "You are not authorized to perform this operation."}
	}`}
	got, gaps := read(t, answers, awssim.Faults{}, "aws_security_group")
	want := map[string]any{
		"prefix_list_cidrs":        map[string]any{"pl-1": []any{"10.1.0.0/16", "10.2.0.0/16"}, "pl-2": nil},
		"? prefix_list_cidrs.pl-2": providers.Denied,
	}
	if diff := cmp.Diff(want, pick(got["web"], "prefix_list_cidrs", "? prefix_list_cidrs.pl-2", "? prefix_list_cidrs")); diff != "" {
		t.Errorf("group (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]providers.Reason{"prefix_list_cidrs.pl-2": providers.Denied}, gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func TestAVPCOfAnotherAccountIsLeftToIt(t *testing.T) {
	answers := map[string]string{"ec2": `{"DescribeVpcs": {"Vpcs": [
		{"VpcId": "vpc-own", "OwnerId": "111111111111", "CidrBlock": "10.0.0.0/16", "InstanceTenancy": "default"},
		{"VpcId": "vpc-shared", "OwnerId": "999999999999", "CidrBlock": "10.1.0.0/16"}
	]}, "DescribeNatGateways": {"NatGateways": [
		{"NatGatewayId": "nat-2", "VpcId": "vpc-own", "State": "deleted", "ConnectivityType": "public"},
		{"NatGatewayId": "nat-1", "VpcId": "vpc-own", "State": "available", "ConnectivityType": "public"}
	]}, "DescribeVpcEndpoints": {"VpcEndpoints": [
		{"VpcEndpointId": "vpce-1", "VpcId": "vpc-own", "VpcEndpointType": "Gateway", "ServiceName": "com.amazonaws.us-east-1.s3", "State": "Available", "RouteTableIds": ["rtb-2", "rtb-1"]}
	]}}`}
	got, _ := read(t, answers, awssim.Faults{}, "aws_vpc")
	want := map[string]map[string]any{"vpc-own": {
		"cidr_block": "10.0.0.0/16", "dynamodb_in_use": false, "flow_logs": []any{}, "instance_tenancy": "default", "is_default": false,
		"nat_gateways":            []any{map[string]any{"connectivity_type": "public", "id": "nat-1", "state": "available"}},
		"network_interface_count": int64(0), "route_tables": []any{},
		"vpc_endpoints": []any{map[string]any{
			"id": "vpce-1", "route_table_ids": []any{"rtb-1", "rtb-2"}, "service_name": "com.amazonaws.us-east-1.s3", "state": "available", "vpc_endpoint_type": "Gateway",
		}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("VPCs (-want +got):\n%s", diff)
	}
}

func TestSnapshotsAreAskedForOnce(t *testing.T) {
	answers := map[string]string{"ec2": `{
		"DescribeSnapshots/self": {"Snapshots": [{"SnapshotId": "snap-1", "StorageTier": "standard"}, {"SnapshotId": "snap-2", "StorageTier": "archive"}]},
		"DescribeSnapshots/self/all": {"Snapshots": [{"SnapshotId": "snap-2"}]},
		"DescribeImages": {"Images": [
			{"ImageId": "ami-2", "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}, {"VirtualName": "ephemeral0"}]},
			{"ImageId": "ami-1", "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}, {"Ebs": {"SnapshotId": "snap-1"}}]}
		]}
	}`}
	got, _ := read(t, answers, awssim.Faults{}, "aws_ebs_snapshot")
	for name := range got {
		got[name] = pick(got[name], "images", "public")
	}
	want := map[string]map[string]any{
		"snap-1": {"images": []any{"ami-1", "ami-2"}, "public": false},
		"snap-2": {"images": []any{}, "public": true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("snapshots (-want +got):\n%s", diff)
	}
}
