// Package dynamodb reads tables of Amazon DynamoDB, but none of their items.
package dynamodb

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstags"
)

// Collectors returns the types of this service.
func Collectors() []awskit.Collector { return []awskit.Collector{table()} }

func table() awskit.Collector {
	return awskit.New(awskit.Type[string]{
		Name:    "aws_dynamodb_table",
		Service: "dynamodb",
		Calls:   []providers.Call{awskit.Call("DynamoDB.ListTables", "dynamodb:ListTables")},
		List:    listTables,
		Describe: func(c *awskit.Cell, name string, d *awskit.Draft) {
			d.ID, d.Name = tableARN(c, name), name
		},
		Details: []awskit.Detail[string]{
			awstags.Detail("dynamodb:table", tableARN),
			{
				Attributes: []string{
					"billing_mode", "deletion_protection_enabled", "global_secondary_indexes", "item_count", "kms_key_arn",
					"read_capacity", "table_class", "table_size_bytes", "write_capacity",
				},
				Calls: []providers.Call{awskit.Call("DynamoDB.DescribeTable", "dynamodb:DescribeTable")},
				Read:  readTable,
			},
			{
				Attributes: []string{"point_in_time_recovery"},
				Calls:      []providers.Call{awskit.Call("DynamoDB.DescribeContinuousBackups", "dynamodb:DescribeContinuousBackups")},
				Read:       readBackups,
			},
		},
	})
}

func tableARN(c *awskit.Cell, name string) string { return c.ARN("dynamodb", "table/"+name) }

func listTables(ctx context.Context, c *awskit.Cell, yield func(string) error) error {
	pages := dynamodb.NewListTablesPaginator(awskit.Client(c, dynamodb.NewFromConfig), &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, name := range page.TableNames {
			if err := yield(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func readTable(ctx context.Context, c *awskit.Cell, name string, d *awskit.Draft) error {
	out, err := awskit.Client(c, dynamodb.NewFromConfig).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return gone(err)
	}
	t := out.Table
	d.Created = aws.ToTime(t.CreationDateTime)
	// A table that was never switched to on-demand has no summary, and one in the
	// standard class that was never switched has none either.
	billing, class := types.BillingModeProvisioned, types.TableClassStandard
	if t.BillingModeSummary != nil && t.BillingModeSummary.BillingMode != "" {
		billing = t.BillingModeSummary.BillingMode
	}
	if t.TableClassSummary != nil && t.TableClassSummary.TableClass != "" {
		class = t.TableClassSummary.TableClass
	}
	d.Set("billing_mode", billing)
	d.Set("table_class", class)
	d.Set("deletion_protection_enabled", aws.ToBool(t.DeletionProtectionEnabled))
	d.Set("item_count", aws.ToInt64(t.ItemCount))
	d.Set("table_size_bytes", aws.ToInt64(t.TableSizeBytes))
	var key *string
	if t.SSEDescription != nil {
		key = t.SSEDescription.KMSMasterKeyArn
	}
	d.Set("kms_key_arn", key)
	read, write := capacity(t.ProvisionedThroughput)
	d.Set("read_capacity", read)
	d.Set("write_capacity", write)
	slices.SortFunc(t.GlobalSecondaryIndexes, func(a, b types.GlobalSecondaryIndexDescription) int {
		return strings.Compare(aws.ToString(a.IndexName), aws.ToString(b.IndexName))
	})
	indexes := []any{}
	for _, i := range t.GlobalSecondaryIndexes {
		read, write := capacity(i.ProvisionedThroughput)
		indexes = append(indexes, map[string]any{"name": aws.ToString(i.IndexName), "read_capacity": read, "write_capacity": write})
	}
	d.Set("global_secondary_indexes", indexes)
	return nil
}

func capacity(p *types.ProvisionedThroughputDescription) (read, write int64) {
	if p == nil {
		return 0, 0
	}
	return aws.ToInt64(p.ReadCapacityUnits), aws.ToInt64(p.WriteCapacityUnits)
}

func readBackups(ctx context.Context, c *awskit.Cell, name string, d *awskit.Draft) error {
	out, err := awskit.Client(c, dynamodb.NewFromConfig).DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	if err != nil {
		return gone(err)
	}
	on := false
	if b := out.ContinuousBackupsDescription; b != nil && b.PointInTimeRecoveryDescription != nil {
		on = b.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
	}
	d.Set("point_in_time_recovery", on)
	return nil
}

// gone tells a table that was deleted since it was listed from a failed call. The
// two operations name it differently.
func gone(err error) error {
	if awskit.Is(err, "ResourceNotFoundException", "TableNotFoundException") {
		return awskit.ErrGone
	}
	return err
}
