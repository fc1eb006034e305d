package awskit

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"

	"github.com/metsuke-dev/metsuke/providers"
)

// Limits bound what a scan asks of an account. Zero values are the defaults.
type Limits struct {
	PerService  int           // calls under way at once per account and service; default 8
	Attempts    int           // tries of one call, the first included; default 5
	MaxBackoff  time.Duration // longest wait between two tries; default 20 s
	CallTimeout time.Duration // one call with all of its tries; default 2 min
	// Unbilled leaves out the calls that AWS puts on the bill; what they would tell is
	// unknown.
	Unbilled bool
	// Traffic counts the requests; nil is nobody.
	Traffic *providers.Traffic
	// NewRetryer replaces the adaptive retries: for tests that must not wait.
	NewRetryer func() aws.Retryer
}

func (l Limits) withDefaults() Limits {
	if l.PerService == 0 {
		l.PerService = 8
	}
	if l.Attempts == 0 {
		l.Attempts = 5
	}
	if l.MaxBackoff == 0 {
		l.MaxBackoff = retry.DefaultMaxBackoff
	}
	if l.CallTimeout == 0 {
		l.CallTimeout = 2 * time.Minute
	}
	return l
}

// limits are the bounds of one account, shared by all of its cells: throttling
// of one service slows all calls to that service down, and no others.
type limits struct {
	Limits
	mu       sync.Mutex
	services map[string]*service
}

type service struct {
	retryers map[string]aws.Retryer // by region: AWS throttles per region
	slots    chan struct{}
}

func newLimits(l Limits) *limits {
	return &limits{Limits: l.withDefaults(), services: map[string]*service{}}
}

func (l *limits) of(name, region string) (aws.Retryer, chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.services[name]
	if s == nil {
		s = &service{retryers: map[string]aws.Retryer{}, slots: make(chan struct{}, l.PerService)}
		l.services[name] = s
	}
	r := s.retryers[region]
	if r == nil && l.NewRetryer != nil {
		r = l.NewRetryer()
		s.retryers[region] = r
	}
	if r == nil {
		r = retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.StandardOptions = append(o.StandardOptions, func(o *retry.StandardOptions) {
				o.MaxAttempts = l.Attempts
				o.MaxBackoff = l.MaxBackoff
			})
		})
		s.retryers[region] = r
	}
	return r, s.slots
}

// apply returns cfg for a service in a region, with the account's bounds.
func (l *limits) apply(cfg aws.Config, name, region string) aws.Config {
	retryer, slots := l.of(name, region)
	out := cfg.Copy()
	out.Region = region
	out.Retryer = func() aws.Retryer { return retryer }
	out.APIOptions = append(append([]func(*middleware.Stack) error{}, cfg.APIOptions...),
		func(s *middleware.Stack) error { return s.Initialize.Add(deadline(l.CallTimeout), middleware.Before) },
		// Below the retries, so that a call that waits to be tried again holds no slot.
		func(s *middleware.Stack) error {
			return s.Finalize.Insert(slot(slots, l.Traffic), "Retry", middleware.After)
		},
	)
	if l.Unbilled && billed(name) {
		out.APIOptions = append(out.APIOptions, leaveOut)
	}
	if plain, ok := plainAddress(cfg); ok {
		out.APIOptions = append(out.APIOptions, plain)
	}
	return out
}

func deadline(d time.Duration) middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("metsuke.Deadline", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		return next.HandleInitialize(ctx, in)
	})
}

// slot bounds how many requests are under way, and counts them.
func slot(slots chan struct{}, traffic *providers.Traffic) middleware.FinalizeMiddleware {
	return middleware.FinalizeMiddlewareFunc("metsuke.Slot", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return middleware.FinalizeOutput{}, middleware.Metadata{}, ctx.Err()
		}
		defer func() { <-slots }()
		out, metadata, err := next.HandleFinalize(ctx, in)
		traffic.Count(err != nil && throttles().IsErrorThrottle(err).Bool())
		return out, metadata, err
	})
}

// throttles recognises refusals for rate as the SDK's retries do.
func throttles() retry.IsErrorThrottles { return retry.IsErrorThrottles(retry.DefaultThrottles) }
