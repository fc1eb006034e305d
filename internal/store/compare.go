package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// interval is where a run stands: its chain and its number.
type interval struct{ chain, seq int64 }

// Compare says what changed from one run to a later one of the same series. What the
// later one did not look at is never among what is fixed or gone. A finding that was made
// and fixed in between is not mentioned.
func (s *Store) Compare(ctx context.Context, fromID, toID string) (finding.Since, error) {
	var out finding.Since
	err := s.read(ctx, "compare two runs", func(t tx) error {
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
		present, err := madeAt(ctx, t, interval{to.chain, to.seq})
		if err != nil {
			return err
		}
		out, err = compare(ctx, t, to.series, from.seq, to.seq, present)
		out.Run = from.info.Ref()
		return err
	})
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

// compare returns what changed after the run with the number a until the one with the
// number b, which made the failures that are present.
func compare(ctx context.Context, t tx, series, a, b int64, present map[int64]string) (finding.Since, error) {
	out := finding.Since{
		New: []string{}, Reopened: []string{}, Fixed: []finding.Finding{}, Gone: []finding.Finding{}, NotVisible: []finding.Finding{},
	}
	ended := map[int64]finding.History{} // by fact
	var facts []int64
	err := t.rows(ctx, `SELECT st.life, st.status, st.since, st.reopened, st.last_seen, st.fact, l.first_seen, coalesce(before.status, '')
		FROM life_state st JOIN life l ON l.id = st.life LEFT JOIN life_state before ON before.life = st.life AND before.from_seq <= ? AND before.to_seq >= ?
		WHERE st.series = ? AND st.from_seq > ? AND st.from_seq <= ? AND st.to_seq >= ?`,
		[]any{a, a, series, a, b, b}, func(scan func(...any) error) error {
			var id, since, seen, fact, first int64
			var h finding.History
			var before finding.Status
			if err := scan(&id, &h.Status, &since, &h.Reopened, &seen, &fact, &first, &before); err != nil {
				return err
			}
			fingerprint, here := present[id]
			was := before.Failing()
			switch {
			case h.Status.Failing() && here && before == "":
				out.New = append(out.New, fingerprint)
			case h.Status.Failing() && here && (before == finding.StatusFixed || before == finding.StatusGone):
				out.Reopened = append(out.Reopened, fingerprint)
			case h.Status == finding.StatusNotVisible && was,
				(h.Status == finding.StatusFixed || h.Status == finding.StatusGone) && (was || before == finding.StatusNotVisible):
				h.FirstSeen, h.Since, h.LastSeen = fromNanos(first), fromNanos(since), fromNanos(seen)
				ended[fact] = h
				facts = append(facts, fact)
			}
			return nil
		})
	if err != nil {
		return out, err
	}
	err = eachFact(ctx, t, facts, func(fact int64, f finding.Finding) error {
		h := ended[fact]
		f.History = &h
		switch h.Status {
		case finding.StatusFixed:
			out.Fixed = append(out.Fixed, f)
		case finding.StatusGone:
			out.Gone = append(out.Gone, f)
		default:
			out.NotVisible = append(out.NotVisible, f)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	slices.Sort(out.New)
	slices.Sort(out.Reopened)
	for _, list := range [][]finding.Finding{out.Fixed, out.Gone, out.NotVisible} {
		slices.SortFunc(list, finding.Compare)
	}
	out.CellsGained, out.CellsLost, err = compareCells(ctx, t, series, a, b)
	return out, err
}

// madeAt returns the fingerprints of the failures that a run made, by life.
func madeAt(ctx context.Context, t tx, at interval) (map[int64]string, error) {
	out := map[int64]string{}
	err := t.rows(ctx, `SELECT f.life, f.fingerprint FROM fact a JOIN finding f ON f.id = a.finding
		WHERE a.chain = ? AND a.from_seq <= ? AND a.to_seq >= ? AND f.life > 0 AND f.kind = 0 AND f.nth = 0`,
		[]any{at.chain, at.seq, at.seq}, func(scan func(...any) error) error {
			var life int64
			var fingerprint string
			err := scan(&life, &fingerprint)
			out[life] = fingerprint
			return err
		})
	return out, err
}

// eachFact hands over the findings of the facts, in the order of their ids: what was
// written together lies together.
func eachFact(ctx context.Context, t tx, facts []int64, f func(fact int64, f finding.Finding) error) error {
	if len(facts) == 0 {
		return nil
	}
	slices.Sort(facts)
	list := make([]any, len(facts))
	for i, id := range facts {
		list[i] = id
	}
	j, err := newJoiner()
	if err != nil {
		return err
	}
	defer j.close()
	return t.lookup(ctx, `SELECT a.id, `+factColumns+` FROM fact a JOIN finding f ON f.id = a.finding`+factTables+` WHERE a.id IN`, nil, list, func(scan func(...any) error) error {
		var id int64
		var row scanned
		if err := scan(append([]any{&id}, row.into()...)...); err != nil {
			return err
		}
		one, err := j.finding(&row)
		if err != nil {
			return err
		}
		return f(id, one)
	})
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
	err = t.rows(ctx, `SELECT c.name, x.packed, x.body, st.was_read FROM cell_state st JOIN cell c ON c.id = st.cell JOIN content x ON x.id = st.scope
		LEFT JOIN cell_state before ON before.cell = st.cell AND before.from_seq <= ? AND before.to_seq >= ?
		WHERE st.series = ? AND st.from_seq > ? AND st.from_seq <= ? AND st.to_seq >= ? AND st.was_read <> coalesce(before.was_read, 0)`,
		[]any{a, a, series, a, b, b}, func(scan func(...any) error) error {
			var name, body []byte
			var packed, read int
			if err := scan(&name, &packed, &body, &read); err != nil {
				return err
			}
			text, err := j.unpack(body, packed == 1)
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
