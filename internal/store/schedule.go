package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Adopt notes a schedule with its timetable. One that is new, or has another timetable than
// before, counts as done up to the time.
func (s *Store) Adopt(ctx context.Context, schedule, timetable string, due time.Time) error {
	return s.write(ctx, "note a schedule", func(t tx) error {
		var had string
		err := t.row(ctx, `SELECT timetable FROM schedule WHERE name = ?`, schedule).Scan(&had)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return t.exec(ctx, `INSERT INTO schedule (name, timetable, due, outcome) VALUES (?, ?, ?, 'adopted')`, schedule, timetable, toNanos(due))
		case err != nil || had == timetable:
			return err
		}
		return t.exec(ctx, `UPDATE schedule SET timetable = ?, due = ?, outcome = 'adopted' WHERE name = ?`, timetable, toNanos(due), schedule)
	})
}

// wrongClock is how far beyond the present what was claimed must lie to be the claim of a
// clock that was wrong. One that is put back by less makes a schedule wait until then.
const wrongClock = 24 * time.Hour

// Claim takes what is due on oneself. It returns false when that time, or a later one, was
// claimed before. A claim of what is due more than a day after now is forgotten: the
// schedule then counts as done up to due. Without that, a machine that once started with
// its clock years ahead would never scan again.
func (s *Store) Claim(ctx context.Context, schedule string, due, now time.Time) (claimed bool, err error) {
	err = s.write(ctx, "claim what is due", func(t tx) error {
		n, err := t.changed(ctx, `UPDATE schedule SET due = ?, outcome = '' WHERE name = ? AND due < ?`, toNanos(due), schedule, toNanos(due))
		if claimed = n == 1; claimed || err != nil {
			return err
		}
		return t.exec(ctx, `UPDATE schedule SET due = ?, outcome = 'adopted' WHERE name = ? AND due > ?`, toNanos(due), schedule, toNanos(now.Add(wrongClock)))
	})
	return claimed, err
}

// Unfinished returns the latest claim when it is not finished; zero is that it is.
func (s *Store) Unfinished(ctx context.Context, schedule string) (due time.Time, err error) {
	err = s.read(ctx, "look at a schedule", func(t tx) error {
		var nanos int64
		err := t.row(ctx, `SELECT due FROM schedule WHERE name = ? AND outcome = ''`, schedule).Scan(&nanos)
		if errors.Is(err, sql.ErrNoRows) {
			due = time.Time{}
			return nil
		}
		due = fromNanos(nanos)
		return err
	})
	return due, err
}

// Finish notes what became of a claim. A later one is left alone.
func (s *Store) Finish(ctx context.Context, schedule string, due time.Time, outcome string) error {
	return s.write(ctx, "finish what was due", func(t tx) error {
		return t.exec(ctx, `UPDATE schedule SET outcome = ? WHERE name = ? AND due = ?`, outcome, schedule, toNanos(due))
	})
}
