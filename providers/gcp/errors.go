package gcp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/googleapis/gax-go/v2"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"

	"github.com/metsuke-dev/metsuke/providers"
)

// failure is a call that did not give what it was made for.
type failure struct {
	call       string
	permission string // what would cure it, where a permission would
	reason     providers.Reason
	err        string
}

// gap returns the Gap that reports the failure, still without its place.
func (f failure) gap() providers.Gap {
	return providers.Gap{Call: f.call, Permission: f.permission, Reason: f.reason, Err: f.err}
}

// failed says why a call failed. The API's own word on the permission that is
// missing is better than ours.
func failed(c call, err error) failure {
	f := failure{call: c.operation, reason: reasonOf(err), err: err.Error()}
	if f.reason != providers.Denied {
		return f
	}
	f.permission = c.permission
	if ae, ok := apiError(err); ok {
		named := ae.Metadata()["permission"]
		switch {
		case ae.Reason() == "USER_PROJECT_DENIED":
			f.permission = useQuotaProject
		case ae.Reason() == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
			f.permission = oauthScope
		case named != "":
			f.permission = named
		}
	}
	return f
}

// apiError finds the API's answer in an error. The clients for HTTP have read
// the details already and wrapped them; reading them again would lose them.
func apiError(err error) (*apierror.APIError, bool) {
	var ae *apierror.APIError
	if errors.As(err, &ae) {
		return ae, true
	}
	return apierror.FromError(err)
}

// reasonOf tells an API that is switched off from a permission that is missing:
// both are 403, the reason is in the details.
func reasonOf(err error) providers.Reason {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return providers.Interrupted
	}
	ae, ok := apiError(err)
	if !ok {
		return providers.Failed
	}
	reasons := []string{ae.Reason()}
	var legacy *googleapi.Error // the older form of errors beside the details
	if errors.As(err, &legacy) {
		for _, e := range legacy.Errors {
			reasons = append(reasons, e.Reason)
		}
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(reasons, n) })
	}
	switch {
	case has("SERVICE_DISABLED", "BILLING_DISABLED", "CONSUMER_SUSPENDED", "accessNotConfigured"):
		return providers.Disabled
	case ae.GRPCStatus().Code() == codes.ResourceExhausted,
		has("RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"):
		return providers.Throttled
	case ae.GRPCStatus().Code() == codes.PermissionDenied:
		return providers.Denied
	case ae.GRPCStatus().Code() == codes.Canceled:
		return providers.Interrupted
	}
	return providers.Failed
}

// worthRetrying reports whether the same call may succeed a little later.
func worthRetrying(err error) bool {
	if reasonOf(err) == providers.Throttled {
		return true
	}
	ae, ok := apiError(err)
	return ok && ae.GRPCStatus().Code() == codes.Unavailable
}

// do makes the call until it succeeds, fails for good, or the attempts are spent.
func (r Retry) do(ctx context.Context, call func() error) error {
	attempts, pause := r.Attempts, gax.Backoff{Initial: r.Initial, Max: r.Max, Multiplier: 2}
	if attempts == 0 {
		attempts = 8
	}
	if pause.Initial == 0 {
		pause.Initial = time.Second
	}
	if pause.Max == 0 {
		pause.Max = 30 * time.Second
	}
	for n := 1; ; n++ {
		err := call()
		r.Traffic.Count(err != nil && reasonOf(err) == providers.Throttled)
		if err == nil || n >= attempts || !worthRetrying(err) {
			return err
		}
		if cause := gax.Sleep(ctx, pause.Pause()); cause != nil {
			return fmt.Errorf("%w while waiting after: %s", cause, strings.TrimSpace(err.Error()))
		}
	}
}
