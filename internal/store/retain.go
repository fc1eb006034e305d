package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Retention says what is kept. Zero is without limit.
type Retention struct {
	Age   time.Duration // runs that started longer ago are deleted
	Count int           // of each series only so many of the latest runs are kept
	// Inventories is of how many of the latest runs of each series the inventory is kept;
	// -1 is of none.
	Inventories int
}

// Freed says what was deleted.
type Freed struct {
	Runs        []string // ids
	Inventories int
}

func (f Freed) nothing() bool { return len(f.Runs) == 0 && f.Inventories == 0 }

// Retain deletes what is not to be kept as of now. The latest run of each series is always
// kept: the next one is compared with it. What the runs that are left say of the history
// of a finding stays as it is.
func (s *Store) Retain(ctx context.Context, r Retention, now time.Time) (Freed, error) {
	return s.tidy(ctx, "delete what is not to be kept", func(t tx, out *Freed) error {
		runs, err := t.list(ctx, Filter{}, 0)
		if err != nil {
			return err
		}
		rank := map[int64]int{} // how many of the series are later
		var old []found
		for _, run := range runs {
			n := rank[run.series]
			rank[run.series]++
			started := run.info.Started
			if started.IsZero() {
				started = run.info.Time
			}
			switch {
			case n > 0 && (r.Count > 0 && n >= r.Count || r.Age > 0 && started.Before(now.Add(-r.Age))):
				old = append(old, run)
			case run.info.HasInventory && r.Inventories != 0 && n >= r.Inventories:
				if err := t.deleteInventory(ctx, run); err != nil {
					return err
				}
				out.Inventories++
			}
		}
		for _, run := range old {
			out.Runs = append(out.Runs, run.info.ID)
		}
		return t.deleteRuns(ctx, old)
	})
}

// Delete deletes runs. The history of findings, and what other runs say of it, stays as
// it is.
func (s *Store) Delete(ctx context.Context, ids ...string) error {
	_, err := s.tidy(ctx, "delete runs", func(t tx, out *Freed) error {
		var old []found
		for _, id := range ids {
			r, err := t.find(ctx, id)
			if err != nil {
				return err
			}
			old = append(old, r)
		}
		out.Runs = ids
		return t.deleteRuns(ctx, old)
	})
	return err
}

// tidy deletes something, with the texts that nothing uses after that, and gives the room
// back to the file system.
func (s *Store) tidy(ctx context.Context, doing string, f func(tx, *Freed) error) (Freed, error) {
	var out Freed
	err := s.write(ctx, doing, func(t tx) error {
		out = Freed{}
		if err := f(t, &out); err != nil || out.nothing() {
			return err
		}
		return t.sweep(ctx)
	})
	if err != nil || out.nothing() {
		return Freed{}, err
	}
	return out, s.giveBack(ctx)
}

// giveBack gives room back after a deletion, which is done whatever comes of this. While
// somebody else writes it is left to the next one.
func (s *Store) giveBack(ctx context.Context) error {
	if err := s.vacuum(ctx); err != nil && !errors.Is(err, ErrBusy) {
		return fmt.Errorf("what was to be deleted is deleted, but its room was not given back: %w", err)
	}
	return nil
}

// vacuum gives free pages of a SQLite file back. PostgreSQL does so by itself.
func (s *Store) vacuum(ctx context.Context) error {
	if s.dialect != sqlite {
		return nil
	}
	for _, pragma := range []string{"PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		rows, err := s.db.QueryContext(ctx, pragma)
		if err != nil {
			return s.fault("give back free room", err)
		}
		for rows.Next() { // each row frees a page
		}
		_ = rows.Close()
		if err := rows.Err(); err != nil {
			return s.fault("give back free room", err)
		}
	}
	return nil
}

func (t tx) deleteInventory(ctx context.Context, r found) error {
	if err := t.exec(ctx, `DELETE FROM run_part WHERE series = ? AND seq = ? AND kind = ?`, r.series, r.seq, partInventory); err != nil {
		return err
	}
	r.info.HasInventory = false
	info, err := encodeInfo(r.info)
	if err != nil {
		return err
	}
	return t.exec(ctx, `UPDATE run SET info = ? WHERE series = ? AND seq = ?`, info, r.series, r.seq)
}

func (t tx) deleteRuns(ctx context.Context, runs []found) error {
	for _, r := range runs {
		for _, table := range []string{"run_part", "run"} {
			if err := t.exec(ctx, `DELETE FROM `+table+` WHERE series = ? AND seq = ?`, r.series, r.seq); err != nil {
				return err
			}
		}
	}
	done := map[hole]bool{}
	for _, r := range runs {
		h, err := t.holeAt(ctx, r)
		if err != nil {
			return err
		}
		if done[h] {
			continue
		}
		done[h] = true
		// What held only in runs that are deleted. A finding that is not made any more stays
		// as it was last seen.
		for _, table := range []string{"tally", "fact"} {
			query := `DELETE FROM ` + table + ` WHERE chain = ? AND to_seq > ? AND to_seq < ? AND from_seq > ?`
			if table == "fact" {
				query += ` AND NOT EXISTS (SELECT 1 FROM life l WHERE l.fact = fact.id) AND NOT EXISTS (SELECT 1 FROM life_state st WHERE st.fact = fact.id AND st.fact > 0)`
			}
			if err := t.exec(ctx, query, h.chain, h.after, h.before, h.after); err != nil {
				return err
			}
		}
	}
	return nil
}

// hole is where a chain has no runs: after one and before another.
type hole struct{ chain, after, before int64 }

func (t tx) holeAt(ctx context.Context, r found) (hole, error) {
	h := hole{chain: r.chain}
	err := t.row(ctx, `SELECT coalesce((SELECT max(seq) FROM run WHERE series = ? AND chain = ? AND seq < ?), 0), coalesce((SELECT min(seq) FROM run WHERE series = ? AND chain = ? AND seq > ?), ?)`,
		r.series, r.chain, r.seq, r.series, r.chain, r.seq, int64(forever)).Scan(&h.after, &h.before)
	return h, err
}

// sweep deletes what nothing refers to. The sets are made by EXCEPT, which either database
// sorts or hashes, however large they are.
func (t tx) sweep(ctx context.Context) error {
	for _, query := range []string{
		`DELETE FROM finding WHERE id IN (SELECT id FROM finding WHERE life = 0 EXCEPT SELECT finding FROM fact)`,
		`DELETE FROM content WHERE id IN (SELECT id FROM content EXCEPT SELECT rule FROM fact EXCEPT SELECT resource FROM fact EXCEPT SELECT detail FROM fact EXCEPT SELECT about FROM fact
			EXCEPT SELECT content FROM run_part EXCEPT SELECT about FROM tally EXCEPT SELECT about FROM life EXCEPT SELECT scope FROM cell_state)`,
	} {
		if err := t.exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}
