package rds

import (
	"fmt"
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

// estate is a region with one instance, and what is known about its network.
func estate(instance, groups, tables string) fstest.MapFS {
	const lifecycles = `{"DBMajorEngineVersions": [
		{"Engine": "mysql", "MajorEngineVersion": "8.0"},
		{"Engine": "mysql", "MajorEngineVersion": "8.0", "SupportedEngineLifecycles": [
			{"LifecycleSupportName": "open-source-rds-extended-support", "LifecycleSupportStartDate": "2026-08-01T00:00:00+00:00", "LifecycleSupportEndDate": "2029-07-31T23:59:59.999000+00:00"},
			{"LifecycleSupportName": "open-source-rds-standard-support", "LifecycleSupportStartDate": "2018-10-23T00:00:00+00:00", "LifecycleSupportEndDate": "2026-07-31T23:59:59.999000+00:00"}
		]},
		{"Engine": "mariadb", "MajorEngineVersion": "10.1", "SupportedEngineLifecycles": [
			{"LifecycleSupportName": "open-source-rds-standard-support", "LifecycleSupportStartDate": "2017-01-01T00:00:00+00:00", "LifecycleSupportEndDate": "2021-01-01T00:00:00+00:00"}
		]},
		{"Engine": "mariadb", "MajorEngineVersion": "10.11", "SupportedEngineLifecycles": [
			{"LifecycleSupportName": "open-source-rds-standard-support", "LifecycleSupportStartDate": "2023-08-21T00:00:00+00:00", "LifecycleSupportEndDate": "2028-02-29T00:00:00+00:00"}
		]}
	]}`
	return fstest.MapFS{
		"111111111111/us-east-1/rds.json": {Data: fmt.Appendf(nil, `{"DescribeDBInstances": {"DBInstances": [%s]}, "DescribeDBMajorEngineVersions": %s}`, instance, lifecycles)},
		"111111111111/us-east-1/ec2.json": {Data: fmt.Appendf(nil, `{"DescribeSecurityGroups": {"SecurityGroups": [%s]}, "DescribeRouteTables": {"RouteTables": [%s]}}`, groups, tables)},
	}
}

// read returns the only resource of an estate and the gaps.
func read(t *testing.T, docs fstest.MapFS) (providers.Resource, []providers.Gap) {
	t.Helper()
	resources, gaps := awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
	if len(resources) != 1 {
		t.Fatalf("got %d resources, want 1", len(resources))
	}
	return resources[0], gaps
}

func TestAnInstanceOfWhichTheAPISaysLittleHasNullsAndNoGaps(t *testing.T) {
	got, gaps := read(t, estate(`{
		"DBInstanceIdentifier": "new", "DBInstanceArn": "arn:aws:rds:us-east-1:111111111111:db:new", "DBInstanceStatus": "creating",
		"Engine": "sqlserver-ex", "EngineVersion": "15.00.4415.2.v1", "DBInstanceClass": "db.t3.micro"
	}`, "", ""))
	want := providers.Resource{
		Scope: got.Scope, Type: "aws_db_instance", ID: "arn:aws:rds:us-east-1:111111111111:db:new", Name: "new", Region: "us-east-1",
		Tags: map[string]string{},
		Attributes: map[string]any{
			"allocated_storage": nil, "auto_minor_version_upgrade": false, "availability_zone": nil, "backup_retention_period": int64(0),
			"ca_cert_identifier": nil, "cluster_identifier": nil, "copy_tags_to_snapshot": false, "database_connections_daily": []any{},
			"deletion_protection": false, "enabled_cloudwatch_logs_exports": []any{}, "engine": "sqlserver-ex",
			"engine_lifecycle_support": nil, "engine_support": nil, "engine_version": "15.00.4415.2.v1",
			"iam_database_authentication_enabled": false, "ingress_from_anywhere": []any{}, "instance_class": "db.t3.micro",
			"internet_gateway_route": nil, "iops": nil, "kms_key_id": nil, "max_allocated_storage": nil, "monitoring_interval": int64(0),
			"multi_az": false, "port": nil, "publicly_accessible": false, "replicate_source_db": nil, "status": "creating",
			"storage_encrypted": false, "storage_type": nil, "vpc_security_group_ids": []any{},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resource (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestSupportDatesAreThoseOfTheMajorVersion(t *testing.T) {
	for _, tc := range []struct {
		name, engine, version string
		want                  any
	}{
		{"a version that is listed twice", "mysql", "8.0.40", map[string]any{"major_version": "8.0", "standard_until": "2026-07-31T23:59:59Z", "extended_until": "2029-07-31T23:59:59Z"}},
		{"10.11 is not 10.1", "mariadb", "10.11.9", map[string]any{"major_version": "10.11", "standard_until": "2028-02-29T00:00:00Z", "extended_until": nil}},
		{"an engine without dates", "docdb", "5.0.0", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, gaps := read(t, estate(fmt.Sprintf(`{"DBInstanceIdentifier": "i", "DBInstanceArn": "i", "Engine": %q, "EngineVersion": %q}`, tc.engine, tc.version), "", ""))
			if diff := cmp.Diff(tc.want, got.Attributes["engine_support"]); diff != "" {
				t.Errorf("engine_support (-want +got):\n%s", diff)
			}
			if len(gaps) > 0 {
				t.Errorf("gaps: %+v", gaps)
			}
		})
	}
}

func TestAnOpenSourceVersionWithoutDatesIsUnknownAndNotSupportedForEver(t *testing.T) {
	got, gaps := read(t, estate(`{"DBInstanceIdentifier": "i", "DBInstanceArn": "i", "Engine": "mysql", "EngineVersion": "5.6.51"}`, "", ""))
	if diff := cmp.Diff(map[string]providers.Reason{"engine_support": providers.Unsupported}, got.Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if len(gaps) != 1 || gaps[0].Err != "AWS gives no support dates for mysql 5.6.51" {
		t.Errorf("gaps: %+v", gaps)
	}
}

// networked is an instance with a security group and two subnets.
const networked = `{"DBInstanceIdentifier": "i", "DBInstanceArn": "i", "Engine": "docdb", "EngineVersion": "5.0.0",
	"Endpoint": {"Port": 27017}, "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
	"DBSubnetGroup": {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}]}}`

func TestOpenRulesOfTheInstancesOwnGroupsAreListed(t *testing.T) {
	groups := `
		{"GroupId": "sg-1", "IpPermissions": [
			{"IpProtocol": "tcp", "FromPort": 27017, "ToPort": 27018, "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "0.0.0.0/0"}]},
			{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]},
		{"GroupId": "sg-2", "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}`
	got, gaps := read(t, estate(networked, groups, `{"VpcId": "vpc-1", "Associations": [{"Main": true}]}`))
	want := []any{
		map[string]any{"security_group_id": "sg-1", "cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": int64(27017), "to_port": int64(27018)},
		map[string]any{"security_group_id": "sg-1", "cidr": "::/0", "protocol": "-1", "from_port": nil, "to_port": nil},
	}
	if diff := cmp.Diff(want, got.Attributes["ingress_from_anywhere"]); diff != "" {
		t.Errorf("ingress_from_anywhere (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestASubnetIsRoutedByItsOwnTableAndElseByTheMainOne(t *testing.T) {
	const (
		internet = `"Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}]`
		dead     = `"Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "blackhole"}]`
		local    = `"Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}]`
	)
	for _, tc := range []struct {
		name, tables string
		want         any
	}{
		{"the main table leads out", `{"VpcId": "vpc-1", "Associations": [{"Main": true}], ` + internet + `}`, true},
		{"both subnets have tables of their own", `{"VpcId": "vpc-1", "Associations": [{"Main": true}], ` + internet + `},
			{"VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}], ` + local + `}`, false},
		{"one of them leads out", `{"VpcId": "vpc-1", "Associations": [{"Main": true}], ` + local + `},
			{"VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-2"}], ` + internet + `}`, true},
		{"the gateway is gone", `{"VpcId": "vpc-1", "Associations": [{"Main": true}], ` + dead + `}`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, gaps := read(t, estate(networked, `{"GroupId": "sg-1"}`, tc.tables))
			if diff := cmp.Diff(tc.want, got.Attributes["internet_gateway_route"]); diff != "" {
				t.Errorf("internet_gateway_route (-want +got):\n%s", diff)
			}
			if len(gaps) > 0 {
				t.Errorf("gaps: %+v", gaps)
			}
		})
	}
}

func TestAGroupOrASubnetOfAnotherAccountIsUnknown(t *testing.T) {
	got, gaps := read(t, estate(networked, "", `{"VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-1"}]}`))
	want := map[string]providers.Reason{"ingress_from_anywhere": providers.Failed, "internet_gateway_route": providers.Failed}
	if diff := cmp.Diff(want, got.Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if len(gaps) != 2 {
		t.Errorf("gaps: %+v", gaps)
	}
}
