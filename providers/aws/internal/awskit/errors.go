package awskit

import (
	"context"
	"errors"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/metsuke-dev/metsuke/providers"
)

// Is reports whether err is an API error with one of the codes.
func Is(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}

// Unreadable is an error of our own making: the API answered, and the answer says
// that the attribute cannot be had.
type Unreadable struct {
	Call   string // the operation, as in providers.Call
	Reason providers.Reason
	Why    string
}

func (e *Unreadable) Error() string { return e.Why }

// Lacking adds to the error of a call that belongs to no type (finding the
// accounts or the regions) the IAM action that the call needs.
func Lacking(permission string, err error) error {
	if err == nil {
		return nil
	}
	return &lackingError{permission: permission, err: err}
}

type lackingError struct {
	permission string
	err        error
}

func (e *lackingError) Error() string { return e.err.Error() }
func (e *lackingError) Unwrap() error { return e.err }

// gap describes a failed call: which one, why, and which permission would cure it.
func (c *Cell) gap(err error) providers.Gap {
	g := ScopeGap(c.Account.Scope, err)
	g.Region, g.Type = c.Region, c.info.Type
	call := c.declared(g.Call)
	g.Call = call.Operation
	if g.Reason == providers.Denied && len(call.Permissions) > 0 {
		g.Permission = call.Permissions[0]
	}
	return g
}

// ScopeGap describes a failed call by which the account as a whole could not be
// read.
func ScopeGap(s providers.Scope, err error) providers.Gap {
	g := providers.Gap{Scope: s, Reason: ReasonOf(err), Err: Text(err)}
	var own *Unreadable
	var op *smithy.OperationError
	switch {
	case errors.As(err, &own):
		g.Call = own.Call
	case errors.As(err, &op):
		g.Call = strings.ReplaceAll(op.Service(), " ", "") + "." + op.Operation()
	}
	var lacking *lackingError
	if g.Reason == providers.Denied && errors.As(err, &lacking) {
		g.Permission = lacking.permission
	}
	return g
}

// ReasonOf classifies an error of the SDK. The codes are those of the services'
// API references, "Common Errors".
func ReasonOf(err error) providers.Reason {
	var own *Unreadable
	if errors.As(err, &own) {
		return own.Reason
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return providers.Unsupported // the service has no endpoint in the region
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return providers.Failed
	}
	code := api.ErrorCode()
	if _, throttled := retry.DefaultThrottleErrorCodes[code]; throttled {
		return providers.Throttled
	}
	switch code {
	case "AccessDenied", "AccessDeniedException", "AccessDeniedFault", "UnauthorizedOperation", "AuthorizationError",
		"AuthorizationErrorException", "UnauthorizedException", "NotAuthorized", "ForbiddenException", "Forbidden", "AccessDeniedForDependencyException":
		return providers.Denied
	case "OptInRequired", "SubscriptionRequiredException", "InvalidRegionException":
		return providers.Disabled
	case "UnsupportedOperation", "UnsupportedOperationException", "UnknownOperationException", "InvalidAction", "NotImplemented", "UnknownOperation":
		return providers.Unsupported
	}
	return providers.Failed
}

// query matches the query string of a URL: it may carry a signature.
var query = regexp.MustCompile(`\?[^\s"]*`)

// Text is what a person is told of an error, in one line and without secrets.
func Text(err error) string {
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		text := api.ErrorCode()
		if m := api.ErrorMessage(); m != "" {
			text += ": " + m
		}
		if cure := Cure(err); cure != "" {
			text += " (" + cure + ")"
		}
		return text
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer before the deadline of the call"
	}
	return query.ReplaceAllString(err.Error(), "")
}

// Cure says what to do where the credentials themselves are at fault, which the
// SDK's errors do not tell; "" where they are not. The codes are those of the API
// references, "Common Errors".
func Cure(err error) string {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ""
	case Is(err, "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"):
		return "the credentials have expired: sign in again (with IAM Identity Center: aws sso login)"
	case Is(err, "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"):
		return "AWS does not know the credentials: they are deleted or deactivated, or belong to another partition, or the region is not enabled"
	case Is(err, "RequestExpired", "SignatureDoesNotMatch", "InvalidSignatureException"):
		return "AWS rejects the signature: check the secret key and the clock of this machine"
	case strings.Contains(err.Error(), "get credentials: "): // as the SDK's credentials adapter says it
		return "there are no usable AWS credentials: set AWS_PROFILE, sign in (aws sso login) or give the machine a role"
	}
	return ""
}
