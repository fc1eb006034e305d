package store

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestALeaseHasOneHolder(t *testing.T) {
	s := openTemp(t)
	s.opts.Owner = "host-1, process 42"
	l, err := s.Lease(t.Context(), "scan", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Lease(t.Context(), "scan", time.Hour)
	if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), `host-1, process 42 has "scan" for 1h0m0s more`) {
		t.Errorf("the second one gets %v", err)
	}
	if _, err := s.Lease(t.Context(), "gate", time.Hour); err != nil {
		t.Errorf("of another name: %v", err)
	}
	if err := l.Renew(t.Context()); err != nil {
		t.Error(err)
	}
	if err := l.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.Lease(t.Context(), "scan", time.Hour); err != nil {
		t.Errorf("after it was released: %v", err)
	}
}

func TestALeaseIsTakenAgainByTheTryWhoseAnswerWasLost(t *testing.T) {
	s := openTemp(t)
	mine, err := s.Lease(t.Context(), "scan", time.Hour)
	ok(t, err)
	ok(t, s.write(t.Context(), "take the lease", func(x tx) error { return mine.take(t.Context(), x) }))
	if _, err := s.Lease(t.Context(), "scan", time.Hour); !errors.Is(err, ErrHeld) {
		t.Errorf("to another one it says %v", err)
	}
}

func TestALeaseThatEndedIsFree(t *testing.T) {
	s := openTemp(t)
	dead, err := s.Lease(t.Context(), "scan", -time.Second)
	if err != nil {
		t.Fatal(err)
	}
	now, err := s.Lease(t.Context(), "scan", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Renew(t.Context()); !errors.Is(err, ErrHeld) {
		t.Errorf("its former holder renews it: %v", err)
	}
	if err := dead.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if err := now.Renew(t.Context()); err != nil {
		t.Errorf("its former holder released that of another: %v", err)
	}
}

func TestALeaseOfAClockThatWasDaysAheadIsFree(t *testing.T) {
	s := openTemp(t)
	ahead, err := s.Lease(t.Context(), "scan", 3*24*time.Hour) // as one of a minute that was taken three days ahead
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Lease(t.Context(), "scan", 50*time.Hour); !errors.Is(err, ErrHeld) {
		t.Errorf("within a day of its end it is taken: %v", err)
	}
	if _, err := s.Lease(t.Context(), "scan", time.Minute); err != nil {
		t.Errorf("it is not free: %v", err)
	}
	if err := ahead.Renew(t.Context()); !errors.Is(err, ErrHeld) {
		t.Errorf("its former holder renews it: %v", err)
	}
}
