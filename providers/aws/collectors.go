package aws

import (
	"slices"

	"github.com/metsuke-dev/metsuke/providers/aws/account"
	"github.com/metsuke-dev/metsuke/providers/aws/cloudtrail"
	"github.com/metsuke-dev/metsuke/providers/aws/dynamodb"
	"github.com/metsuke-dev/metsuke/providers/aws/ec2"
	"github.com/metsuke-dev/metsuke/providers/aws/elb"
	"github.com/metsuke-dev/metsuke/providers/aws/iam"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/kms"
	"github.com/metsuke-dev/metsuke/providers/aws/lambda"
	"github.com/metsuke-dev/metsuke/providers/aws/logs"
	"github.com/metsuke-dev/metsuke/providers/aws/organizations"
	"github.com/metsuke-dev/metsuke/providers/aws/rds"
	"github.com/metsuke-dev/metsuke/providers/aws/s3"
	"github.com/metsuke-dev/metsuke/providers/aws/sns"
	"github.com/metsuke-dev/metsuke/providers/aws/sqs"
)

// collectors returns every type that the provider reads, one line per service.
func collectors() []awskit.Collector {
	return slices.Concat(
		account.Collectors(),
		cloudtrail.Collectors(),
		dynamodb.Collectors(),
		ec2.Collectors(),
		elb.Collectors(),
		iam.Collectors(),
		kms.Collectors(),
		lambda.Collectors(),
		logs.Collectors(),
		organizations.Collectors(),
		rds.Collectors(),
		s3.Collectors(),
		sns.Collectors(),
		sqs.Collectors(),
	)
}
