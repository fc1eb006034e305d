package awskit

import (
	"context"
	"net"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// plainAddress keeps the SDK from putting an account or a service before an endpoint
// that is an IP address: "123456789012.127.0.0.1" is no host. Emulators are reached
// by address (AWS_ENDPOINT_URL); the endpoints of AWS and of VPCs have names, and keep
// their prefixes.
func plainAddress(cfg aws.Config) (func(*middleware.Stack) error, bool) {
	u, err := url.Parse(aws.ToString(cfg.BaseEndpoint))
	if err != nil || net.ParseIP(u.Hostname()) == nil {
		return nil, false
	}
	strip := middleware.FinalizeMiddlewareFunc("metsuke.PlainAddress", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if r, ok := in.Request.(*smithyhttp.Request); ok && strings.HasSuffix(r.URL.Host, "."+u.Host) {
			r.URL.Host = u.Host
		}
		return next.HandleFinalize(ctx, in)
	})
	return func(s *middleware.Stack) error {
		return s.Finalize.Insert(strip, "ResolveEndpointV2", middleware.After)
	}, true
}
