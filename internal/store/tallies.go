package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// RunTallies are the counts of one run.
type RunTallies struct {
	Run     RunInfo
	Tallies []finding.Tally // sorted by their fields from the left
}

// Tallies returns the counts of the runs of a series that started then or later, the
// earliest run first. Those of narrowed and interrupted runs are about less than the
// others: see RunInfo.
func (s *Store) Tallies(ctx context.Context, name string, since time.Time) ([]RunTallies, error) {
	var out []RunTallies
	err := s.read(ctx, "read the tallies", func(t tx) error {
		out = nil
		runs, err := t.list(ctx, Filter{Series: name, Since: since}, 0)
		if err != nil || len(runs) == 0 {
			return err
		}
		slices.Reverse(runs)
		byChain := map[int64][]int{} // indexes of runs, by number
		for i, r := range runs {
			out = append(out, RunTallies{Run: r.info})
			byChain[r.chain] = append(byChain[r.chain], i)
		}
		for chain, list := range byChain {
			slices.SortFunc(list, func(a, b int) int { return cmp.Compare(runs[a].seq, runs[b].seq) })
			err := t.talliesOf(ctx, chain, runs[list[0]].seq, func(y tallyRow) {
				from, _ := slices.BinarySearchFunc(list, y.from, func(i int, seq int64) int { return cmp.Compare(runs[i].seq, seq) })
				for _, i := range list[from:] {
					if runs[i].seq > y.to {
						break
					}
					out[i].Tallies = append(out[i].Tallies, y.tally)
				}
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, r := range out {
		slices.SortFunc(r.Tallies, finding.CompareTallies)
	}
	return out, err
}

// tallyRow is a count that held from one run to another.
type tallyRow struct {
	from, to int64
	tally    finding.Tally
}

// talliesOf hands over the counts of a chain that hold in the run with the number or later.
func (t tx) talliesOf(ctx context.Context, chain, from int64, f func(tallyRow)) error {
	j, err := newJoiner()
	if err != nil {
		return err
	}
	defer j.close()
	abouts := map[int64]finding.Tally{}
	err = t.rows(ctx, `SELECT id, hash, packed, body FROM content WHERE id IN (SELECT about FROM tally WHERE chain = ? AND to_seq >= ?)`, []any{chain, from}, func(scan func(...any) error) error {
		var p part
		var packed int
		if err := scan(&p.id, &p.name, &packed, &p.body); err != nil {
			return err
		}
		p.packed = packed == 1
		var about finding.Tally
		err := j.decode(p, &about)
		abouts[p.id] = about
		return err
	})
	if err != nil {
		return err
	}
	return t.rows(ctx, `SELECT about, from_seq, to_seq, pass, fail, unknown, not_applicable FROM tally WHERE chain = ? AND to_seq >= ?`, []any{chain, from}, func(scan func(...any) error) error {
		var about int64
		var row tallyRow
		var c finding.Counts
		if err := scan(&about, &row.from, &row.to, &c.Pass, &c.Fail, &c.Unknown, &c.NotApplicable); err != nil {
			return err
		}
		row.tally = abouts[about]
		row.tally.Counts = c
		f(row)
		return nil
	})
}
