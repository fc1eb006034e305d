package gcp

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/metsuke-dev/metsuke/providers"
)

func TestWhyACallFailed(t *testing.T) {
	body := func(details string) *googleapi.Error {
		return &googleapi.Error{Code: 403, Body: `{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED","details":[` + details + `]}}`}
	}
	info := func(reason, metadata string) string {
		return `{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"` + reason + `","domain":"googleapis.com","metadata":{` + metadata + `}}`
	}
	cases := []struct {
		name       string
		err        error
		reason     providers.Reason
		permission string
	}{
		{"403 alone is a denial", body(""), providers.Denied, "a.b.c"},
		{"403 that names the permission asks for that one", body(info("IAM_PERMISSION_DENIED", `"permission":"x.y.z"`)), providers.Denied, "x.y.z"},
		{"403 on the project that pays asks for its use", body(info("USER_PROJECT_DENIED", `"consumer":"projects/p"`)), providers.Denied, useQuotaProject},
		{"403 because the token has too narrow a scope", body(info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", `"method":"x"`)), providers.Denied, oauthScope},
		{"403 because the API is off", body(info("SERVICE_DISABLED", `"service":"recommender.googleapis.com"`)), providers.Disabled, ""},
		{"403 because billing is off", body(info("BILLING_DISABLED", "")), providers.Disabled, ""},
		{"403 in the older form because the API is off", &googleapi.Error{Code: 403, Errors: []googleapi.ErrorItem{{Reason: "accessNotConfigured"}}}, providers.Disabled, ""},
		{"403 in the older form because of a rate", &googleapi.Error{Code: 403, Errors: []googleapi.ErrorItem{{Reason: "rateLimitExceeded"}}}, providers.Throttled, ""},
		{"429", &googleapi.Error{Code: 429}, providers.Throttled, ""},
		{"the same over gRPC", status.Error(codes.ResourceExhausted, "quota"), providers.Throttled, ""},
		{"a denial over gRPC", status.Error(codes.PermissionDenied, "no"), providers.Denied, "a.b.c"},
		{"an expired token is no missing permission", status.Error(codes.Unauthenticated, "token"), providers.Failed, ""},
		{"a cancelled run", fmt.Errorf("list: %w", context.Canceled), providers.Interrupted, ""},
		{"a cancelled run over gRPC", status.Error(codes.Canceled, "context canceled"), providers.Interrupted, ""},
		{"anything else", errors.New("connection reset"), providers.Failed, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := failed(call{"A.B", "a.b.c"}, c.err)
			if got.reason != c.reason || got.permission != c.permission || got.call != "A.B" || got.err == "" {
				t.Errorf("got %+v, want %s %q", got, c.reason, c.permission)
			}
		})
	}
}
