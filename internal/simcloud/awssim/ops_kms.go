package awssim

import "github.com/aws/aws-sdk-go-v2/service/kms"

func kmsOps() []Op {
	return []Op{
		Answer[kms.DescribeKeyOutput]("KMS.DescribeKey"),
		Answer[kms.GetKeyPolicyOutput]("KMS.GetKeyPolicy"),
		Answer[kms.GetKeyRotationStatusOutput]("KMS.GetKeyRotationStatus"),
		Answer[kms.ListKeysOutput]("KMS.ListKeys"),
	}
}
