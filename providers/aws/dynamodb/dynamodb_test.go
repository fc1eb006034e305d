package dynamodb

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

func TestATableWithoutSummariesIsProvisionedAndStandard(t *testing.T) {
	docs := fstest.MapFS{"111111111111/us-east-1/dynamodb.json": {Data: []byte(`{
		"ListTables": {"TableNames": ["t"]},
		"DescribeTable/t": {"Table": {
			"TableName": "t", "CreationDateTime": "2023-01-01T10:00:00Z",
			"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
			"GlobalSecondaryIndexes": [{"IndexName": "b"}, {"IndexName": "a", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}}]
		}},
		"DescribeContinuousBackups/t": {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}}
	}`)}}
	resources, gaps := awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
	want := []providers.Resource{{
		Scope:   providers.Scope{Provider: "aws", ID: "111111111111", Name: "management", Labels: map[string]string{"organization_role": "management"}},
		Type:    "aws_dynamodb_table",
		ID:      "arn:aws:dynamodb:us-east-1:111111111111:table/t",
		Name:    "t",
		Region:  "us-east-1",
		Tags:    map[string]string{},
		Created: time.Date(2023, 1, 1, 10, 0, 0, 0, time.UTC),
		Attributes: map[string]any{
			"billing_mode": "PROVISIONED", "table_class": "STANDARD", "deletion_protection_enabled": false,
			"item_count": int64(0), "table_size_bytes": int64(0), "kms_key_arn": nil, "point_in_time_recovery": false,
			"read_capacity": int64(5), "write_capacity": int64(6),
			"global_secondary_indexes": []any{
				map[string]any{"name": "a", "read_capacity": int64(1), "write_capacity": int64(2)},
				map[string]any{"name": "b", "read_capacity": int64(0), "write_capacity": int64(0)},
			},
		},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestATableThatIsDeletedMeanwhileIsLeftOut(t *testing.T) {
	for _, operation := range []string{
		`"DescribeTable": {"__error__": "ResourceNotFoundException"}`,
		`"DescribeTable": {"Table": {}}, "DescribeContinuousBackups": {"__error__": "TableNotFoundException"}`,
	} {
		docs := fstest.MapFS{"111111111111/us-east-1/dynamodb.json": {Data: []byte(`{"ListTables": {"TableNames": ["t"]}, ` + operation + `}`)}}
		resources, gaps := awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
		if len(resources)+len(gaps) > 0 {
			t.Errorf("%s: got %d resources and the gaps %+v, want none", operation, len(resources), gaps)
		}
	}
}
