package store

import (
	"cmp"
	"context"
	"maps"
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

// where is the condition for lifeQuery.
func (f LifeFilter) where(series int64) (string, []any) {
	return `st.series = ? AND (` + trackedStatus + ` OR st.since >= ?)`, []any{series, toNanos(f.EndedSince)}
}

// Lives returns the failures that runs of the series ever made, in the order of reports:
// for their ages, and for how long it takes until they are mended.
func (s *Store) Lives(ctx context.Context, name string, f LifeFilter) ([]*Life, error) {
	var out []*Life
	err := s.read(ctx, "read the lives of findings", func(t tx) error {
		out = nil
		last, err := t.series(ctx, name)
		if err != nil || last.id == 0 {
			return err
		}
		where, args := f.where(last.id)
		lives, err := t.wholeLives(ctx, where, args, last)
		if err != nil {
			return err
		}
		out = slices.Collect(maps.Values(lives))
		return t.stages(ctx, where, args, lives)
	})
	slices.SortFunc(out, func(a, b *Life) int {
		return cmp.Or(finding.ComparePointers(&a.Finding, &b.Finding), cmp.Compare(a.Finding.Fingerprint, b.Finding.Fingerprint))
	})
	return out, err
}

// stages reads those of the lives for which the condition holds.
func (t tx) stages(ctx context.Context, where string, args []any, lives map[int64]*Life) error {
	query := `SELECT a.life, a.status, a.at FROM life_state a WHERE a.life IN (SELECT st.life FROM life_state st WHERE st.to_seq = 2147483647 AND ` + where + `) ORDER BY a.life, a.from_seq`
	return t.rows(ctx, query, args, func(scan func(...any) error) error {
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

// wholeLives reads the lives for which the condition holds, by id, with their findings.
func (t tx) wholeLives(ctx context.Context, where string, args []any, last series) (map[int64]*Life, error) {
	out, byFact := map[int64]*Life{}, map[int64]*Life{}
	var facts []int64
	err := t.rows(ctx, lifeQuery+where, args, func(scan func(...any) error) error {
		l, err := scanLife(scan, last)
		if err == nil {
			one := &Life{History: l.History}
			out[l.id], byFact[l.fact] = one, one
			facts = append(facts, l.fact)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, eachFact(ctx, t, facts, func(fact int64, f finding.Finding) error {
		byFact[fact].Finding = f
		return nil
	})
}
