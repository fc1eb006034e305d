package store

import (
	"testing"
	"time"
)

func TestAClaimOfAClockThatWasYearsAheadIsForgotten(t *testing.T) {
	s := openTemp(t)
	const at = "0 2 * * * UTC"
	claim := func(due, now time.Time, want bool) {
		t.Helper()
		if got, err := s.Claim(t.Context(), "nightly", due, now); got != want || err != nil {
			t.Errorf("claimed %v, %v", got, err)
		}
	}
	ok(t, s.Adopt(t.Context(), "nightly", at, day(0)))
	claim(day(1000), day(1000), true) // the machine has not asked for the time yet
	claim(day(1), day(1), false)      // it has: what it missed in the meantime is not made up for
	if due, err := s.Unfinished(t.Context(), "nightly"); err != nil || !due.IsZero() {
		t.Errorf("the scan of %v is gone on with, %v", due, err)
	}
	ok(t, s.Finish(t.Context(), "nightly", day(1000), "complete")) // that scan ends
	claim(day(1), day(1), false)
	claim(day(2), day(2), true)
}

func TestAClockThatIsPutBackByHoursMakesNoScanTwice(t *testing.T) {
	s := openTemp(t)
	ok(t, s.Adopt(t.Context(), "nightly", "0 2 * * * UTC", day(0)))
	for _, c := range []struct {
		due, now time.Time
		want     bool
	}{
		{day(1), day(1), true},
		{day(0), day(1).Add(-3 * time.Hour), false},   // it was put back over the time
		{day(0), day(0).Add(time.Minute), false},      // and by nearly a day
		{day(1), day(1).Add(time.Minute), false},      // the time comes again
		{day(2), day(2).Add(-20 * time.Second), true}, // timers may ring early
	} {
		if got, err := s.Claim(t.Context(), "nightly", c.due, c.now); got != c.want || err != nil {
			t.Errorf("due %s at %s: claimed %v, %v", c.due, c.now, got, err)
		}
	}
}
