package aws

import (
	"context"
	"strings"
	"sync"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

// AWS_ENDPOINT_URL becomes the BaseEndpoint of the configuration.
func TestEveryClientTalksToTheConfiguredEndpoint(t *testing.T) {
	var mu sync.Mutex
	calls := 0
	base := awssim.Demo().Config("111111111111", "us-east-1", awssim.Faults{})
	base.BaseEndpoint = awssdk.String("http://emulator.test:4566")
	base.APIOptions = append(base.APIOptions, func(s *middleware.Stack) error {
		return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("test.Host", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			mu.Lock()
			defer mu.Unlock()
			calls++
			if r, ok := in.Request.(*smithyhttp.Request); !ok || !strings.HasSuffix(r.URL.Host, "emulator.test:4566") {
				t.Errorf("%s goes to %v", middleware.GetOperationName(ctx), in.Request)
			}
			return next.HandleFinalize(ctx, in)
		}), "awssim.Answer", middleware.Before)
	})
	p := New(Config{Base: base, Organization: &Organization{}, Limits: awstest.Limits()})
	providertest.Collect(t, p, p.Describe().Everything())
	if calls == 0 {
		t.Error("no call was made")
	}
}
