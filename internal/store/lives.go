package store

import (
	"context"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Life is a failure over time.
type Life struct {
	Finding finding.Finding // as it was last seen
	History finding.History // as of the last run of its series
	Stages  []Stage         // all of them, the first one first
}

// Stage is a time in which a failure had one status. It ends where the next one begins.
type Stage struct {
	Status finding.Status
	Since  time.Time
}

// LifeFilter says which lives to return. The zero value is every one.
type LifeFilter struct {
	// EndedSince leaves out what was fixed or gone before then.
	EndedSince time.Time
}

// Lives returns the failures that runs of the series ever made, in the order of reports:
// for their ages, and for how long it takes until they are mended.
func (s *Store) Lives(ctx context.Context, name string, f LifeFilter) ([]Life, error) {
	var out []Life
	err := s.read(ctx, "read the lives of findings", func(t tx) error {
		out = nil
		last, err := t.series(ctx, name)
		if err != nil || last.id == 0 {
			return err
		}
		byFact, byID := map[int64]*Life{}, map[int64]*Life{}
		var facts []any
		err = t.rows(ctx, lifeQuery+`st.series = ? AND (`+trackedStatus+` OR st.since >= ?)`, []any{last.id, toNanos(f.EndedSince)}, func(scan func(...any) error) error {
			l, err := scanLife(scan, last)
			if err == nil {
				one := &Life{History: l.History}
				byFact[l.fact], byID[l.id] = one, one
				facts = append(facts, l.fact)
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := t.stages(ctx, last.id, byID); err != nil {
			return err
		}
		return eachFact(ctx, t, facts, func(fact int64, f finding.Finding) error {
			byFact[fact].Finding = f
			out = append(out, *byFact[fact])
			return nil
		})
	})
	slices.SortFunc(out, func(a, b Life) int { return finding.ComparePointers(&a.Finding, &b.Finding) })
	return out, err
}

func (t tx) stages(ctx context.Context, series int64, lives map[int64]*Life) error {
	return t.rows(ctx, `SELECT life, status, at FROM life_state WHERE series = ? ORDER BY from_seq`, []any{series}, func(scan func(...any) error) error {
		var id, at int64
		var s Stage
		if err := scan(&id, &s.Status, &at); err != nil {
			return err
		}
		if l := lives[id]; l != nil {
			s.Since = fromNanos(at)
			l.Stages = append(l.Stages, s)
		}
		return nil
	})
}
