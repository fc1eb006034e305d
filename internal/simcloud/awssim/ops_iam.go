package awssim

import "github.com/aws/aws-sdk-go-v2/service/iam"

func iamOps() []Op {
	return []Op{
		Answer[iam.ListAccountAliasesOutput]("IAM.ListAccountAliases"),
	}
}
