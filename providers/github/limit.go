package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"

	"github.com/metsuke-dev/metsuke/providers"
)

const (
	defaultConcurrency = 8
	defaultMaxWait     = 5 * time.Minute
	attemptTimeout     = time.Minute
	maxAttempts        = 6
	maxFailures        = 3        // attempts answered by a server error or by nothing
	maxBody            = 64 << 20 // no answer of GitHub comes near it
	headerRemaining    = "X-Ratelimit-Remaining"
	headerReset        = "X-Ratelimit-Reset"
	headerRetryAfter   = "Retry-After"
)

// limiter is a transport that keeps GitHub's manners: a bounded number of requests
// at once, and patience when a limit is reached. A request that waits keeps its
// slot, so that a credential which is being throttled goes quiet as a whole.
type limiter struct {
	next    http.RoundTripper
	slots   chan struct{}
	sleep   func(context.Context, time.Duration) error
	now     func() time.Time
	maxWait time.Duration
	traffic *providers.Traffic
}

func newLimiter(cfg Config) *limiter {
	l := &limiter{sleep: cfg.Sleep, now: cfg.Now, maxWait: cfg.MaxWait, traffic: cfg.Traffic}
	n := cfg.Concurrency
	if n <= 0 {
		n = defaultConcurrency
	}
	l.slots = make(chan struct{}, n)
	if l.maxWait <= 0 {
		l.maxWait = defaultMaxWait
	}
	if l.sleep == nil {
		l.sleep = sleep
	}
	return l
}

// over returns a limiter in front of another transport that shares the slots.
func (l *limiter) over(next http.RoundTripper) *limiter {
	out := *l
	out.next = next
	return &out
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// RoundTrip sends a request, again if need be. The answer's body is in memory.
func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var waited time.Duration
	failures := 0
	for attempt := 1; ; attempt++ {
		resp, body, err := l.once(req)
		wait, limited := pause(resp, body, attempt, l.now())
		l.traffic.Count(limited)
		if err != nil && !refused(err) || err == nil && resp.StatusCode >= http.StatusInternalServerError {
			failures++
			wait, limited = time.Second<<(attempt-1), failures < maxFailures
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !limited || attempt == maxAttempts || waited+wait > l.maxWait {
			return resp, err
		}
		if err := l.sleep(ctx, wait); err != nil {
			return nil, err
		}
		waited += wait
	}
}

// refused reports whether no answer came because the App's installation was given
// no token, which asking again does not change.
func refused(err error) bool {
	var app *ghinstallation.HTTPError
	return errors.As(err, &app) && app.Response != nil && app.Response.StatusCode < http.StatusInternalServerError
}

// once sends the request once and reads the answer whole, so that a deadline holds
// for the whole of it and pause can look at it.
func (l *limiter) once(req *http.Request) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(req.Context(), attemptTimeout)
	defer cancel()
	out := req.Clone(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, nil, fmt.Errorf("repeat the request: %w", err)
		}
		out.Body = body
	}
	resp, err := l.next.RoundTrip(out)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > maxBody {
		return nil, nil, fmt.Errorf("read the answer: it is larger than %d bytes", maxBody)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.Request = req
	return resp, body, nil
}

// pause says whether an answer refuses the request for rate, and how long to wait
// for the next attempt.
func pause(resp *http.Response, body []byte, attempt int, now time.Time) (time.Duration, bool) {
	if resp == nil || !throttled(resp.StatusCode, resp.Header, string(body)) {
		return 0, false
	}
	if s, err := strconv.Atoi(resp.Header.Get(headerRetryAfter)); err == nil {
		return time.Duration(max(s, 0)) * time.Second, true
	}
	if at, err := http.ParseTime(resp.Header.Get(headerRetryAfter)); err == nil {
		return max(at.Sub(now), 0), true
	}
	if reset, err := strconv.ParseInt(resp.Header.Get(headerReset), 10, 64); err == nil && resp.Header.Get(headerRemaining) == "0" {
		// A second more: the two clocks differ.
		return max(time.Unix(reset, 0).Sub(now), 0) + time.Second, true
	}
	// GitHub asks for a minute, then longer and longer, where it does not say.
	return time.Minute << (attempt - 1), true
}

// throttled tells a refusal for rate from one for lack of a permission, which has
// the same status. GraphQL refuses with status 200.
func throttled(status int, h http.Header, text string) bool {
	switch status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return h.Get(headerRemaining) == "0" || h.Get(headerRetryAfter) != "" ||
			strings.Contains(strings.ToLower(text), "rate limit")
	case http.StatusOK:
		return h.Get(headerRemaining) == "0" && strings.Contains(text, `"RATE_LIMITED"`)
	}
	return false
}
