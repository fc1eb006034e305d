package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// tx is a transaction that takes question marks in the statements for either database.
type tx struct {
	sql *sql.Tx
	d   dialect
}

// writeLock is PostgreSQL's name of the lock of the one who writes, so that there is one
// at a time as with SQLite. It is an arbitrary number, of this database only.
const writeLock = 0x6d65747375

// write runs f in a transaction, as the only one who writes. Where the database cannot be
// reached it is run again, so that f must not keep anything of an earlier try.
func (s *Store) write(ctx context.Context, doing string, f func(tx) error) error {
	return s.retry(ctx, func() error {
		return s.transact(ctx, doing, nil, func(t tx) error {
			if s.dialect == postgres {
				if err := t.exec(ctx, `SELECT pg_advisory_xact_lock(?)`, int64(writeLock)); err != nil {
					return err
				}
			}
			if err := s.refuseNewer(ctx, t); err != nil {
				return err
			}
			return f(t)
		})
	})
}

// read runs f in a transaction that sees the database as it is at its beginning.
func (s *Store) read(ctx context.Context, doing string, f func(tx) error) error {
	o := &sql.TxOptions{ReadOnly: true}
	if s.dialect == postgres {
		o.Isolation = sql.LevelRepeatableRead
	}
	return s.retry(ctx, func() error { return s.transact(ctx, doing, o, f) })
}

func (s *Store) transact(ctx context.Context, doing string, o *sql.TxOptions, f func(tx) error) error {
	t, err := s.db.BeginTx(ctx, o)
	if err != nil {
		return s.fault(doing, err)
	}
	if err := f(tx{t, s.dialect}); err != nil {
		_ = t.Rollback()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return s.fault(doing, err)
	}
	err = t.Commit()
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err() // it was rolled back because of that
	}
	return s.fault(doing, err)
}

func (t tx) exec(ctx context.Context, query string, args ...any) error {
	_, err := t.sql.ExecContext(ctx, t.d.bind(query), args...)
	return err
}

// changed runs a statement and returns how many rows it changed.
func (t tx) changed(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := t.sql.ExecContext(ctx, t.d.bind(query), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (t tx) row(ctx context.Context, query string, args ...any) *sql.Row {
	return t.sql.QueryRowContext(ctx, t.d.bind(query), args...)
}

// rows runs a query and hands every row to f, which scans it.
func (t tx) rows(ctx context.Context, query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := t.sql.QueryContext(ctx, t.d.bind(query), args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// batchArgs bounds the arguments of one statement: SQLite takes 32,766, PostgreSQL 65,535.
const batchArgs = 4000

// insert adds rows, each with as many values as there are columns, many in one statement.
func (t tx) insert(ctx context.Context, table, columns, conflict string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	width := len(rows[0])
	one := "(" + marks(width) + ")"
	per := batchArgs / width
	for len(rows) > 0 {
		n := min(per, len(rows))
		args := make([]any, 0, n*width)
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		query := "INSERT INTO " + table + " (" + columns + ") VALUES " + one + strings.Repeat(","+one, n-1) + conflict
		if err := t.exec(ctx, query, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// each runs a statement for lists of values that stand where it has %s, after the
// arguments before them.
func (t tx) each(ctx context.Context, before, after string, args []any, list []any) error {
	for len(list) > 0 {
		n := min(batchArgs, len(list))
		if err := t.exec(ctx, before+" ("+marks(n)+")"+after, append(append([]any{}, args...), list[:n]...)...); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// lookup runs a query for lists of values, as each does.
func (t tx) lookup(ctx context.Context, before string, args []any, list []any, f func(scan func(...any) error) error) error {
	for len(list) > 0 {
		n := min(batchArgs, len(list))
		if err := t.rows(ctx, before+" ("+marks(n)+")", append(append([]any{}, args...), list[:n]...), f); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// last returns the highest id of a table, 0 where it is empty.
func (t tx) last(ctx context.Context, table string) (int64, error) {
	var id sql.NullInt64
	err := t.row(ctx, "SELECT max(id) FROM "+table).Scan(&id)
	return id.Int64, err
}

func marks(n int) string { return "?" + strings.Repeat(",?", n-1) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// noTime stands for the zero time, which has no nanoseconds since 1970.
const noTime = math.MinInt64

func toNanos(t time.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == noTime {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
