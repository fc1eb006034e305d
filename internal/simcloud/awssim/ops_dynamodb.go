package awssim

import "github.com/aws/aws-sdk-go-v2/service/dynamodb"

func dynamodbOps() []Op {
	return []Op{
		Answer[dynamodb.DescribeContinuousBackupsOutput]("DynamoDB.DescribeContinuousBackups"),
		Answer[dynamodb.DescribeTableOutput]("DynamoDB.DescribeTable"),
		Answer[dynamodb.ListTablesOutput]("DynamoDB.ListTables"),
	}
}
