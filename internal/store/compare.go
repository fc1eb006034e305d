package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Changes are what changed from one run to a later one.
type Changes struct {
	Since finding.Since
	// New and Reopened are the findings of Since, as the later run made them, in the order of
	// reports.
	New, Reopened []finding.Finding
}

// Compare says what changed from one run to a later one of the same series. What the
// later one did not look at is never among what is fixed or gone. A finding that was made
// and fixed in between is not mentioned.
//
// What came and what ended are read at once: over a year each is most of all findings.
func (s *Store) Compare(ctx context.Context, fromID, toID string) (Changes, error) {
	var out Changes
	var came arrivals
	var ended finding.Since
	together, ctx := errgroup.WithContext(ctx)
	for _, f := range []func(comparing, found) error{
		func(c comparing, to found) error {
			present, err := c.madeBy(to)
			if err != nil {
				return err
			}
			if came, err = c.came(present); err != nil {
				return err
			}
			out.New, out.Reopened, err = c.arrived(came, to)
			return err
		},
		func(c comparing, _ found) (err error) { ended, err = c.ended(); return err },
	} {
		together.Go(func() error {
			return s.read(ctx, "compare two runs", func(t tx) error {
				from, err := t.find(ctx, fromID)
				if err != nil {
					return err
				}
				to, err := t.find(ctx, toID)
				if err != nil {
					return err
				}
				if err := comparable(from, to); err != nil {
					return err
				}
				return f(comparing{ctx, t, to.series, from.seq, to.seq, from.info.Ref()}, to)
			})
		})
	}
	err := together.Wait()
	out.Since = came.into(ended)
	return out, err
}

// comparable returns an error where the history says nothing of what changed between the
// runs.
func comparable(from, to found) error {
	e := &Error{Kind: ErrNoHistory}
	switch {
	case from.series != to.series:
		e.Detail = from.info.ID + " is a run of " + from.info.Series + ", " + to.info.ID + " one of " + to.info.Series
		e.Advice = "only runs of the same series can be compared"
	case from.info.Late || to.info.Late:
		late := from.info.ID
		if to.info.Late {
			late = to.info.ID
		}
		e.Detail = late + " is older than a run that was saved before it"
		e.Advice = "compare two others"
	case from.seq > to.seq:
		e.Detail = from.info.ID + " is later than " + to.info.ID
		e.Advice = "name the earlier one first"
	default:
		return nil
	}
	return e
}

// comparing compares two runs of a series by their numbers.
//
// It looks at the statuses that ended in between and at those that began in between, and
// not at what came and went: in a year that is many times as much.
type comparing struct {
	ctx     context.Context //nolint:containedctx // it lives as long as one comparison
	tx      tx
	series  int64
	a, b    int64
	earlier finding.RunRef
}

// presence is a failure as a run made it.
type presence struct {
	joining
	others []joining // more with the fingerprint; mostly none
}

// arrivals are what is new or reopened: the fingerprints, and the findings of each.
type arrivals struct {
	fresh, reopened         []string
	freshList, reopenedList []joining
}

// since returns what changed after the run a until the run b, which made the failures that
// are present.
func (c comparing) since(present map[int64]presence) (finding.Since, error) {
	came, err := c.came(present)
	if err != nil {
		return finding.Since{}, err
	}
	ended, err := c.ended()
	return came.into(ended), err
}

// into adds what came to what ended.
func (a arrivals) into(ended finding.Since) finding.Since {
	ended.New, ended.Reopened = a.fresh, a.reopened
	return ended
}

// came returns what of what is present is new or reopened.
func (c comparing) came(present map[int64]presence) (arrivals, error) {
	out := arrivals{fresh: []string{}, reopened: []string{}}
	err := c.tx.rows(c.ctx, `SELECT st.life, st.status, st.since, st.reopened, l.first_seen, coalesce(before.status, '')
		FROM life_state st JOIN life l ON l.id = st.life LEFT JOIN life_state before ON before.life = st.life AND before.from_seq <= ? AND before.to_seq >= ?
		WHERE st.series = ? AND st.from_seq > ? AND st.from_seq <= ? AND st.to_seq >= ? AND st.status IN ('new', 'open', 'reopened', 'waived')`,
		[]any{c.a, c.a, c.series, c.a, c.b, c.b}, func(scan func(...any) error) error {
			var id, since, first int64
			var h finding.History
			var before finding.Status
			if err := scan(&id, &h.Status, &since, &h.Reopened, &first, &before); err != nil {
				return err
			}
			now, here := present[id]
			if !here || before != "" && before != finding.StatusFixed && before != finding.StatusGone {
				return nil
			}
			h.FirstSeen, h.Since = fromNanos(first), fromNanos(since)
			names, list := &out.fresh, &out.freshList
			if before != "" {
				names, list = &out.reopened, &out.reopenedList
			}
			*names = append(*names, now.fingerprint)
			now.history = &h
			*list = append(*list, now.joining)
			for _, other := range now.others {
				other.history = &h
				*list = append(*list, other)
			}
			return nil
		})
	slices.Sort(out.fresh)
	slices.Sort(out.reopened)
	return out, err
}

// arrived returns the findings of what came, as the run made them.
func (c comparing) arrived(came arrivals, run found) (fresh, reopened []finding.Finding, err error) {
	j, err := newJoiner()
	if err != nil {
		return nil, nil, err
	}
	defer j.close()
	for _, list := range []struct {
		of []joining
		to *[]finding.Finding
	}{{came.freshList, &fresh}, {came.reopenedList, &reopened}} {
		for i := range list.of {
			list.of[i].history.LastSeen = run.info.Time
		}
		if *list.to, err = j.inOrder(c.ctx, c.tx, list.of); err != nil {
			return nil, nil, err
		}
		// One that is no failure can have the fingerprint of one that is.
		*list.to = slices.DeleteFunc(*list.to, func(f finding.Finding) bool { return f.Verdict != finding.Fail })
	}
	return fresh, reopened, nil
}

// ended returns what is fixed, gone or not visible any more, and the cells.
func (c comparing) ended() (finding.Since, error) {
	out := finding.Since{Run: c.earlier, Fixed: []finding.Finding{}, Gone: []finding.Finding{}, NotVisible: []finding.Finding{}}
	lists := map[finding.Status][]joining{}
	var next joining
	var h finding.History
	var since, seen, first int64
	into := next.scanned(&h.Status, &since, &h.Reopened, &seen, &first)
	err := c.tx.rows(c.ctx, `SELECT st.status, st.since, st.reopened, st.last_seen, l.first_seen, `+joiningColumns+`
		FROM life_state before JOIN life_state st ON st.life = before.life AND st.from_seq <= ? AND st.to_seq >= ? JOIN life l ON l.id = st.life
		LEFT JOIN fact a ON a.id = st.fact LEFT JOIN finding f ON f.id = a.finding
		WHERE before.series = ? AND before.to_seq >= ? AND before.to_seq < ? AND before.from_seq <= ?
		AND (before.status IN ('new', 'open', 'reopened', 'waived') AND st.status IN ('fixed', 'gone', 'not_visible') OR before.status = 'not_visible' AND st.status IN ('fixed', 'gone'))`,
		[]any{c.b, c.b, c.series, c.a, c.b, c.a}, func(scan func(...any) error) error {
			if err := scan(into...); err != nil {
				return err
			}
			if next.fact == 0 {
				return lost(1)
			}
			h.FirstSeen, h.Since, h.LastSeen = fromNanos(first), fromNanos(since), fromNanos(seen)
			history := h
			next.history = &history
			lists[h.Status] = append(lists[h.Status], next)
			return nil
		})
	if err != nil {
		return out, err
	}
	j, err := newJoiner()
	if err != nil {
		return out, err
	}
	defer j.close()
	for status, to := range map[finding.Status]*[]finding.Finding{finding.StatusFixed: &out.Fixed, finding.StatusGone: &out.Gone, finding.StatusNotVisible: &out.NotVisible} {
		if len(lists[status]) == 0 {
			continue
		}
		if *to, err = j.inOrder(c.ctx, c.tx, lists[status]); err != nil {
			return out, err
		}
	}
	out.CellsGained, out.CellsLost, err = compareCells(c.ctx, c.tx, c.series, c.a, c.b)
	return out, err
}

// madeBy returns the failures that a run made, by life. What could not be told can have the
// fingerprint of a failure.
func (c comparing) madeBy(run found) (map[int64]presence, error) {
	failures := run.info.Waived
	for _, n := range run.info.Failures {
		failures += n
	}
	out := make(map[int64]presence, failures)
	var life int64
	var next joining
	into := next.scanned(&life)
	err := c.tx.rows(c.ctx, `SELECT f.life, `+joiningColumns+` FROM fact a JOIN finding f ON f.id = a.finding
		WHERE a.chain = ? AND a.from_seq <= ? AND a.to_seq >= ? AND f.life > 0 AND f.kind = 0 AND coalesce(a.standing, 1) > 0`,
		[]any{run.chain, run.seq, run.seq}, func(scan func(...any) error) error {
			if err := scan(into...); err != nil {
				return err
			}
			p := out[life]
			if p.fact == 0 {
				p.joining = next
			} else {
				p.others = append(p.others, next)
			}
			out[life] = p
			return nil
		})
	return out, err
}

// compareCells returns the cells that were read in run b and not in run a, and those that
// b asked for and could not read although a did.
func compareCells(ctx context.Context, t tx, series, a, b int64) (gained, lost []providers.Cell, err error) {
	gained, lost = []providers.Cell{}, []providers.Cell{}
	j, err := newUnpacker()
	if err != nil {
		return nil, nil, err
	}
	defer j.close()
	err = t.rows(ctx, `SELECT c.name, x.id, x.hash, x.packed, x.body, st.was_read FROM cell_state st JOIN cell c ON c.id = st.cell JOIN content x ON x.id = st.scope
		LEFT JOIN cell_state before ON before.cell = st.cell AND before.from_seq <= ? AND before.to_seq >= ?
		WHERE st.series = ? AND st.from_seq > ? AND st.from_seq <= ? AND st.to_seq >= ? AND st.was_read <> coalesce(before.was_read, 0)`,
		[]any{a, a, series, a, b, b}, func(scan func(...any) error) error {
			var name []byte
			var p part
			var packed, read int
			if err := scan(&name, &p.id, &p.name, &packed, &p.body, &read); err != nil {
				return err
			}
			p.packed = packed == 1
			text, err := j.text(p)
			if err != nil {
				return err
			}
			var scope providers.Scope
			if err := json.Unmarshal(text, &scope); err != nil {
				return err
			}
			c, err := cellOf(name, scope)
			if read == 1 {
				gained = append(gained, c)
			} else {
				lost = append(lost, c)
			}
			return err
		})
	slices.SortFunc(gained, compareCell)
	slices.SortFunc(lost, compareCell)
	return gained, lost, err
}

func compareCell(a, b providers.Cell) int {
	return cmp.Or(
		cmp.Compare(a.Scope.Provider, b.Scope.Provider), cmp.Compare(a.Scope.ID, b.Scope.ID), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Region, b.Region),
	)
}
