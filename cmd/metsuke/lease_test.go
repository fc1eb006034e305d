package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/metsuke-dev/metsuke/internal/store"
)

// moody is a lease that is renewed until a time, and then no more.
type moody struct {
	until time.Time
	err   error // nil: nobody answers
}

func (m moody) Renew(ctx context.Context) error {
	if time.Now().Before(m.until) {
		return nil
	}
	if m.err == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return m.err
}

func (moody) Release(context.Context) error { return nil }

func TestWhoCannotRenewALeaseStopsBeforeItEnds(t *testing.T) {
	for name, err := range map[string]error{"refused": errors.New("connection refused"), "no answer": nil, "taken": &store.Error{Kind: store.ErrHeld}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				away := time.Now().Add(10 * time.Minute)
				h := keepLease(t.Context(), moody{away, err})
				<-h.Lost()
				// The last renewal may have been at the very moment before.
				if late := time.Since(away); late < 0 || late >= holdFor {
					t.Errorf("it is given up %s after it was renewed for the last time, and ends after %s", late, holdFor)
				}
				h.Release()
			})
		})
	}
}
