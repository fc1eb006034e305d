package awssim

import (
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
)

func s3Ops() []Op {
	return []Op{
		Answer[s3.GetBucketAclOutput]("S3.GetBucketAcl"),
		Answer[s3.GetBucketEncryptionOutput]("S3.GetBucketEncryption"),
		Answer[s3.GetBucketLifecycleConfigurationOutput]("S3.GetBucketLifecycleConfiguration"),
		Answer[s3.GetBucketLoggingOutput]("S3.GetBucketLogging"),
		Answer[s3.GetBucketOwnershipControlsOutput]("S3.GetBucketOwnershipControls"),
		Answer[s3.GetBucketPolicyOutput]("S3.GetBucketPolicy"),
		Answer[s3.GetBucketPolicyStatusOutput]("S3.GetBucketPolicyStatus"),
		Answer[s3.GetBucketVersioningOutput]("S3.GetBucketVersioning"),
		Answer[s3.GetPublicAccessBlockOutput]("S3.GetPublicAccessBlock"),
		Answer[s3.ListBucketsOutput]("S3.ListBuckets"),
		Answer[s3control.GetPublicAccessBlockOutput]("S3Control.GetPublicAccessBlock"),
	}
}
