package rds

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/metrics"
)

func dbInstance() awskit.Collector {
	return awskit.New(awskit.Type[types.DBInstance]{
		Name:    "aws_db_instance",
		Service: "rds",
		Calls:   []providers.Call{awskit.Call("RDS.DescribeDBInstances", "rds:DescribeDBInstances")},
		List:    listInstances,
		Attributes: []string{
			"tags", "allocated_storage", "auto_minor_version_upgrade", "availability_zone", "backup_retention_period",
			"ca_cert_identifier", "cluster_identifier", "copy_tags_to_snapshot", "deletion_protection",
			"enabled_cloudwatch_logs_exports", "engine", "engine_lifecycle_support", "engine_version",
			"iam_database_authentication_enabled", "instance_class", "iops", "kms_key_id", "max_allocated_storage",
			"monitoring_interval", "multi_az", "port", "publicly_accessible", "replicate_source_db", "status",
			"storage_encrypted", "storage_type", "vpc_security_group_ids",
		},
		Describe: describeInstance,
		Details: []awskit.Detail[types.DBInstance]{
			{
				Attributes: []string{"engine_support"},
				Calls:      []providers.Call{awskit.Call("RDS.DescribeDBMajorEngineVersions", "rds:DescribeDBMajorEngineVersions")},
				Shared:     true,
				Read:       readEngineSupport,
			},
			{
				Attributes: []string{"ingress_from_anywhere"},
				Calls:      []providers.Call{awskit.Call("EC2.DescribeSecurityGroups", "ec2:DescribeSecurityGroups")},
				Shared:     true,
				Read:       readIngress,
			},
			{
				Attributes: []string{"internet_gateway_route"},
				Calls:      []providers.Call{awskit.Call("EC2.DescribeRouteTables", "ec2:DescribeRouteTables")},
				Shared:     true,
				Read:       readRoutes,
			},
			{
				Attributes: []string{"database_connections_daily"},
				Calls:      []providers.Call{metrics.Call()},
				AtOnce:     500,
				ReadAll:    readConnections,
			},
		},
	})
}

func listInstances(ctx context.Context, c *awskit.Cell, yield func(types.DBInstance) error) error {
	pages := rds.NewDescribeDBInstancesPaginator(awskit.Client(c, rds.NewFromConfig), &rds.DescribeDBInstancesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, i := range page.DBInstances {
			if err := yield(i); err != nil {
				return err
			}
		}
	}
	return nil
}

func describeInstance(_ *awskit.Cell, i types.DBInstance, d *awskit.Draft) {
	d.ID, d.Name = aws.ToString(i.DBInstanceArn), aws.ToString(i.DBInstanceIdentifier)
	d.Created = aws.ToTime(i.InstanceCreateTime)
	for _, t := range i.TagList {
		d.Tag(aws.ToString(t.Key), aws.ToString(t.Value))
	}
	d.Set("allocated_storage", i.AllocatedStorage)
	d.Set("auto_minor_version_upgrade", aws.ToBool(i.AutoMinorVersionUpgrade))
	d.Set("availability_zone", i.AvailabilityZone)
	d.Set("backup_retention_period", aws.ToInt32(i.BackupRetentionPeriod))
	d.Set("ca_cert_identifier", i.CACertificateIdentifier)
	d.Set("cluster_identifier", i.DBClusterIdentifier)
	d.Set("copy_tags_to_snapshot", aws.ToBool(i.CopyTagsToSnapshot))
	d.Set("deletion_protection", aws.ToBool(i.DeletionProtection))
	d.Set("enabled_cloudwatch_logs_exports", i.EnabledCloudwatchLogsExports)
	d.Set("engine", aws.ToString(i.Engine))
	d.Set("engine_lifecycle_support", i.EngineLifecycleSupport)
	d.Set("engine_version", aws.ToString(i.EngineVersion))
	d.Set("iam_database_authentication_enabled", aws.ToBool(i.IAMDatabaseAuthenticationEnabled))
	d.Set("instance_class", aws.ToString(i.DBInstanceClass))
	d.Set("iops", i.Iops)
	d.Set("kms_key_id", i.KmsKeyId)
	d.Set("max_allocated_storage", i.MaxAllocatedStorage)
	d.Set("monitoring_interval", aws.ToInt32(i.MonitoringInterval))
	d.Set("multi_az", aws.ToBool(i.MultiAZ))
	d.Set("port", port(i))
	d.Set("publicly_accessible", aws.ToBool(i.PubliclyAccessible))
	source := i.ReadReplicaSourceDBInstanceIdentifier
	if source == nil {
		source = i.ReadReplicaSourceDBClusterIdentifier
	}
	d.Set("replicate_source_db", source)
	d.Set("status", i.DBInstanceStatus)
	d.Set("storage_encrypted", aws.ToBool(i.StorageEncrypted))
	d.Set("storage_type", i.StorageType)
	groups := []string{}
	for _, g := range i.VpcSecurityGroups {
		groups = append(groups, aws.ToString(g.VpcSecurityGroupId))
	}
	d.Set("vpc_security_group_ids", groups)
}

// port is where the instance listens. DbInstancePort is 0 outside of clusters and
// the endpoint is missing while the instance is created: DBInstance in the API reference.
func port(i types.DBInstance) any {
	if i.Endpoint != nil && aws.ToInt32(i.Endpoint.Port) != 0 {
		return *i.Endpoint.Port
	}
	if p := aws.ToInt32(i.DbInstancePort); p != 0 {
		return p
	}
	return nil
}

// connections is read for as long as any policy may look back.
func connections() metrics.Series {
	return metrics.Series{Namespace: "AWS/RDS", Name: "DatabaseConnections", Statistic: "Maximum", Days: 35}
}

func readConnections(ctx context.Context, c *awskit.Cell, items []types.DBInstance, drafts []*awskit.Draft) error {
	dims := make([]map[string]string, len(items))
	for i, item := range items {
		dims[i] = map[string]string{"DBInstanceIdentifier": aws.ToString(item.DBInstanceIdentifier)}
	}
	results, err := metrics.Read(ctx, c, dims, connections())
	if err != nil {
		return err
	}
	for i, d := range drafts {
		results[i][0].Set(d, "database_connections_daily")
	}
	return nil
}
