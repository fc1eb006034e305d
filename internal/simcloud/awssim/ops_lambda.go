package awssim

import "github.com/aws/aws-sdk-go-v2/service/lambda"

func lambdaOps() []Op {
	return []Op{
		Answer[lambda.GetPolicyOutput]("Lambda.GetPolicy"),
		Answer[lambda.ListFunctionsOutput]("Lambda.ListFunctions"),
	}
}
