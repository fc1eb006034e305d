package store

import (
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// checkedStage is a row of life_state, with what its life says.
type checkedStage struct {
	life, series int64
	from, to     int64
	status       finding.Status
	at, begun    time.Time
	since, seen  time.Time // of the status
	first, last  time.Time // of the life: when it was first and last seen
	made         bool      // by the last run: it was last seen then
	reopened     int
}

// lives goes through the lives of failures once more, by the rules by which they go on.
func (c *checking) lives() error {
	times, err := c.times()
	if err != nil {
		return err
	}
	var h finding.History
	var begun time.Time
	var before checkedStage
	over := func() error {
		if before.life != 0 && before.to != forever {
			return wrong("the life of failure %d breaks off", before.life)
		}
		return nil
	}
	err = c.tx.rows(c.ctx, `SELECT st.life, st.series, st.from_seq, st.to_seq, st.status, st.at, st.since, st.reopened, st.last_seen, st.begun, l.first_seen, l.last_seen, l.made
		FROM life_state st JOIN life l ON l.id = st.life ORDER BY st.life, st.from_seq`, nil, func(scan func(...any) error) error {
		var n checkedStage
		var at, since, seen, began, first, last int64
		if err := scan(&n.life, &n.series, &n.from, &n.to, &n.status, &at, &since, &n.reopened, &seen, &began, &first, &last, &n.made); err != nil {
			return err
		}
		n.at, n.since, n.seen, n.begun, n.first, n.last = fromNanos(at), fromNanos(since), fromNanos(seen), fromNanos(began), fromNanos(first), fromNanos(last)
		if n.life != before.life {
			if err := over(); err != nil {
				return err
			}
			h, begun, before = finding.History{}, time.Time{}, checkedStage{}
			c.done.Lives++
		}
		run, kept := times[seriesRun{n.series, n.from}]
		if before.life != 0 && n.from != before.to+1 || n.from > n.to || kept && !run.Equal(n.at) {
			return wrong("the life of failure %d has a gap", n.life)
		}
		if begins(h.Status, n.status) {
			begun = n.at
		}
		went := h.Status
		h = next(h, sightingOf(n.status), n.at)
		want := n
		want.status, want.begun, want.since, want.first, want.reopened = h.Status, begun, h.Since, h.FirstSeen, h.Reopened
		if n != want || went == n.status || !n.seenAsItCanBe(before) {
			return wrong("the life of failure %d does not go on as lives do: from %q to %q", n.life, went, n.status)
		}
		before = n
		return nil
	})
	if err != nil {
		return err
	}
	return over()
}

// seenAsItCanBe reports whether the failure was last seen when it can have been: of that
// nothing else says more. Where it fails no more, its life says the same.
func (n checkedStage) seenAsItCanBe(before checkedStage) bool {
	switch lasts := n.to == forever; {
	case n.status.Failing():
		return n.seen.Equal(n.at) && (!lasts || n.made || !n.last.Before(n.at))
	case n.seen.Before(before.seen) || n.seen.After(n.at):
		return false
	default:
		return !lasts || !n.made && n.last.Equal(n.seen)
	}
}

// sightingOf is what a run says of a failure that then has the status.
func sightingOf(s finding.Status) sighting {
	switch s {
	case finding.StatusNew, finding.StatusOpen, finding.StatusReopened:
		return made
	case finding.StatusWaived:
		return excused
	case finding.StatusFixed:
		return mended
	case finding.StatusGone:
		return removed
	case finding.StatusNotVisible:
		return hidden
	}
	return silent
}

// seriesRun is a run by its number.
type seriesRun struct{ series, seq int64 }

// times are those of the runs that are kept.
func (c *checking) times() (map[seriesRun]time.Time, error) {
	out := map[seriesRun]time.Time{}
	err := c.tx.rows(c.ctx, `SELECT series, seq, time FROM run`, nil, func(scan func(...any) error) error {
		var r seriesRun
		var at int64
		err := scan(&r.series, &r.seq, &at)
		out[r] = fromNanos(at)
		return err
	})
	return out, err
}
