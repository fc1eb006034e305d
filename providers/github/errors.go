package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v88/github"

	"github.com/metsuke-dev/metsuke/providers"
)

// failure is a call that was not answered. Its text never holds an address with a
// query, a header or a token.
type failure struct {
	call    providers.Call
	reason  providers.Reason
	status  int    // 0 when no answer came
	message string // what GitHub said
}

func (f *failure) Error() string { return f.call.Operation + ": " + f.text() }

func (f *failure) text() string {
	if f.status == 0 {
		return f.message
	}
	return fmt.Sprintf("%d: %s", f.status, f.message)
}

// Gap returns the failure as the gap that it leaves.
func (f *failure) Gap() providers.Gap {
	g := providers.Gap{Call: f.call.Operation, Reason: f.reason, Err: f.text()}
	if f.reason == providers.Denied && len(f.call.Permissions) > 0 {
		g.Permission = f.call.Permissions[0]
	}
	return g
}

// denied is a failure that GitHub does not announce as one: an answer that holds
// less than was asked for.
func denied(c providers.Call, message string) *failure {
	return &failure{call: c, reason: providers.Denied, message: message}
}

// unsupported says that the organisation's plan does not offer what was asked for.
func unsupported(c providers.Call, message string) *failure {
	return &failure{call: c, reason: providers.Unsupported, message: message}
}

// asFailure returns err as a failure of the call c.
func asFailure(c providers.Call, err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	f = &failure{call: c, reason: providers.Failed, message: cleaned(err)}
	var (
		response *gh.ErrorResponse
		primary  *gh.RateLimitError
		abuse    *gh.AbuseRateLimitError
		app      *ghinstallation.HTTPError
	)
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		f.reason = providers.Interrupted
	case errors.As(err, &primary):
		f.reason, f.status, f.message = providers.Throttled, primary.Response.StatusCode, redact(primary.Message)
	case errors.As(err, &abuse):
		f.reason, f.status, f.message = providers.Throttled, abuse.Response.StatusCode, redact(abuse.Message)
	case errors.As(err, &response):
		f.status, f.message = response.Response.StatusCode, redact(response.Message)
		if f.message == "" {
			f.message = http.StatusText(f.status)
		}
		f.reason = reasonOf(f.status, response.Response.Header, f.message)
	case errors.As(err, &app):
		f.message = "the app's installation gave no token: " + redact(app.Message)
		if app.Response != nil {
			f.status = app.Response.StatusCode
			f.reason = reasonOf(f.status, app.Response.Header, f.message)
		}
	}
	return f
}

// reasonOf classifies a refusal. GitHub hides what a credential may not see, so
// that a plain 404 is a refusal; where a 404 means "there is none", its message
// says so, and the caller has looked at it before.
func reasonOf(status int, h http.Header, message string) providers.Reason {
	m := strings.ToLower(message)
	switch {
	case throttled(status, h, message):
		return providers.Throttled
	case status == http.StatusUnauthorized:
		return providers.Denied
	case status == http.StatusForbidden || status == http.StatusNotFound:
		switch {
		case strings.Contains(m, "upgrade to github") || strings.Contains(m, "github enterprise") || strings.Contains(m, "enterprise cloud"):
			return providers.Unsupported
		case strings.Contains(m, "is disabled") || strings.Contains(m, "are disabled") || strings.Contains(m, "is not enabled"):
			return providers.Disabled
		}
		return providers.Denied
	case status == http.StatusUnprocessableEntity && strings.Contains(m, "only owners"):
		return providers.Denied
	}
	return providers.Failed
}

// says reports whether err is GitHub's refusal with the given status and message.
func says(err error, status int, message string) bool {
	var f *failure
	return errors.As(err, &f) && f.status == status && strings.EqualFold(strings.TrimSuffix(f.message, "."), message)
}

// cleaned returns the text of an error below HTTP without the address that it was
// about: net/http wraps every error in one that quotes it.
func cleaned(err error) string {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return redact(err.Error())
}

// Every form of a GitHub token, credentials in an address, and what a header would show.
var secret = regexp.MustCompile(`gh[a-z]_[A-Za-z0-9_]{16,}|github_pat_[A-Za-z0-9_]+|://[^/@\s]+@|(?i)(bearer|token|authorization:)\s+\S{16,}|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`)

func redact(s string) string {
	return secret.ReplaceAllString(s, "[redacted]")
}
