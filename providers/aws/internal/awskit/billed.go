package awskit

import (
	"context"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/metsuke-dev/metsuke/providers"
)

// billed reports whether AWS puts calls of the service on the bill: Cost Explorer each
// request (aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing), CloudWatch
// each metric that GetMetricData is asked for (aws.amazon.com/cloudwatch/pricing). The
// service is named as in ClientFor.
func billed(service string) bool { return service == "ce" || service == "cloudwatch" }

// leaveOut answers every call with the reason why it is not made.
func leaveOut(s *middleware.Stack) error {
	return s.Initialize.Add(middleware.InitializeMiddlewareFunc("metsuke.Unbilled", func(ctx context.Context, _ middleware.InitializeInput, _ middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return middleware.InitializeOutput{}, middleware.Metadata{}, &Unreadable{
			Call:   strings.ReplaceAll(awsmiddleware.GetServiceID(ctx), " ", "") + "." + awsmiddleware.GetOperationName(ctx),
			Reason: providers.Disabled,
			Why:    "AWS bills this call, and the configuration leaves such calls out (providers.aws.billed_calls)",
		}
	}), middleware.After)
}
