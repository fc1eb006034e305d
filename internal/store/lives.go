package store

import (
	"cmp"
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
	// Brief leaves out of the findings what scorecards do not go by, which takes a fraction
	// of the time: they have fingerprint, policy, category, severity, owner and account.
	Brief bool
}

// where is the condition for lifeQuery.
func (f LifeFilter) where(series int64) (string, []any) {
	return `st.series = ? AND (` + trackedStatus + ` OR st.since >= ?)`, []any{series, toNanos(f.EndedSince)}
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
		var facts []int64
		where, args := f.where(last.id)
		err = t.rows(ctx, lifeQuery+where, args, func(scan func(...any) error) error {
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
		if err := t.stages(ctx, where, args, byID); err != nil {
			return err
		}
		if f.Brief {
			err = t.briefs(ctx, where, args, byID)
			for _, l := range byID {
				out = append(out, *l)
			}
			return err
		}
		return eachFact(ctx, t, facts, func(fact int64, f finding.Finding) error {
			byFact[fact].Finding = f
			out = append(out, *byFact[fact])
			return nil
		})
	})
	slices.SortFunc(out, func(a, b Life) int {
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

// briefs reads the briefs of the lives for which the condition holds.
func (t tx) briefs(ctx context.Context, where string, args []any, lives map[int64]*Life) error {
	j, err := newJoiner()
	if err != nil {
		return err
	}
	defer j.close()
	abouts := map[int64]brief{}
	err = t.rows(ctx, `SELECT id, packed, body FROM content WHERE id IN (SELECT about FROM life)`, nil, func(scan func(...any) error) error {
		var p part
		var packed int
		if err := scan(&p.id, &packed, &p.body); err != nil {
			return err
		}
		p.packed = packed == 1
		var b brief
		err := j.decode(p, &b)
		abouts[p.id] = b
		return err
	})
	if err != nil {
		return err
	}
	return t.rows(ctx, `SELECT l.id, l.about, f.fingerprint FROM life_state st JOIN life l ON l.id = st.life JOIN finding f ON f.id = l.finding WHERE st.to_seq = 2147483647 AND `+where, args, func(scan func(...any) error) error {
		var id, about int64
		var fingerprint string
		err := scan(&id, &about, &fingerprint)
		if l := lives[id]; l != nil {
			l.Finding = abouts[about].finding(fingerprint)
		}
		return err
	})
}
