package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// refuse returns an error where the database is of a newer metsuke or of something else.
// It changes nothing.
func (s *Store) refuse(ctx context.Context) error {
	var n int
	tables := `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if s.dialect == postgres {
		var there bool
		if err := s.db.QueryRowContext(ctx, `SELECT current_schema() IS NOT NULL`).Scan(&there); err != nil {
			return s.fault("look for the schema", err)
		}
		if !there {
			return &Error{Kind: ErrReadOnly, Place: s.place, Detail: "there is no schema of the search_path, or none that the role may use", Advice: "make one with CREATE SCHEMA, or name another as search_path in the URL"}
		}
		tables = `SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	if err := s.db.QueryRowContext(ctx, tables).Scan(&n); err != nil {
		return s.fault("look at the tables", err)
	}
	if n == 0 {
		return nil
	}
	applied, err := s.applied(ctx, tables)
	if err != nil {
		return err
	}
	known, err := s.versions()
	if err != nil {
		return err
	}
	for _, v := range applied {
		if !slices.Contains(known, v) {
			return s.newer(v)
		}
	}
	return nil
}

func (s *Store) newer(version int64) error {
	return &Error{
		Kind: ErrNewer, Place: s.place, Detail: fmt.Sprintf("it has schema %d, which this metsuke does not know", version),
		Advice: "it was left as it is: use the newer metsuke that wrote it, or give another place",
	}
}

// refuseNewer returns an error where a newer metsuke has brought the schema up to date
// since the store was opened, as beside a process that runs for weeks: what this one
// writes could lack what the other one reads.
func (s *Store) refuseNewer(ctx context.Context, t tx) error {
	known, err := s.schemas()
	if err != nil {
		return err
	}
	return t.rows(ctx, `SELECT DISTINCT version_id FROM goose_db_version WHERE version_id > 0`, nil, func(scan func(...any) error) error {
		var v int64
		if err := scan(&v); err != nil {
			return err
		}
		if !slices.Contains(known, v) {
			return s.newer(v)
		}
		return nil
	})
}

// applied returns the versions of the schema that the database has, sorted.
func (s *Store) applied(ctx context.Context, tables string) ([]int64, error) {
	named := tables + ` AND name = 'goose_db_version'`
	if s.dialect == postgres {
		named = tables + ` AND table_name = 'goose_db_version'`
	}
	var n int
	if err := s.db.QueryRowContext(ctx, named).Scan(&n); err != nil {
		return nil, s.fault("look at the tables", err)
	}
	if n == 0 {
		return nil, &Error{Kind: ErrForeign, Place: s.place, Detail: "it holds tables of something else", Advice: "it was left as it is: give another place"}
	}
	rows, err := s.db.QueryContext(ctx, `SELECT DISTINCT version_id FROM goose_db_version WHERE version_id > 0 ORDER BY version_id`)
	if err != nil {
		return nil, s.fault("read the version", err)
	}
	out, err := collect(rows, func(v *int64) []any { return []any{v} })
	if err != nil {
		return nil, s.fault("read the version", err)
	}
	return out, nil
}

// versions returns those of the schema that this metsuke knows.
func (s *Store) versions() ([]int64, error) {
	p, err := s.goose()
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, source := range p.ListSources() {
		out = append(out, source.Version)
	}
	return out, nil
}

// goose returns what runs the migrations. Each one is a transaction. Their numbers are
// in blocks for the parts of the program, so that a lower one can follow a higher one.
func (s *Store) goose() (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	if s.dialect == postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, s.db, dir, goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return p, nil
}

// migrate brings the schema up to date. Two processes may do so at once: the one that
// comes second fails at its first statement, which changes nothing, and then finds that
// nothing is left to do.
func (s *Store) migrate(ctx context.Context) error {
	if err := s.retry(ctx, func() error { return s.refuse(ctx) }); err != nil {
		return err
	}
	p, err := s.goose()
	if err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		_, err = p.Up(ctx)
		if err == nil {
			return nil
		}
		if err = s.fault("bring the schema up to date", err); attempt == s.opts.Attempts || errors.Is(err, ErrFull) || errors.Is(err, ErrReadOnly) || errors.Is(err, ErrCorrupt) || ctx.Err() != nil {
			return err
		}
		if err := pause(ctx, s.opts.Pause<<attempt); err != nil {
			return err
		}
	}
}

// busyPause is how long to wait for what SQLite does not wait for by itself: two
// connections that switch a new file to its journal, or look at it then.
const busyPause = 20 * time.Millisecond

// retry tries again where the database cannot be reached, and where it is busy, until the
// time for that is over.
func (s *Store) retry(ctx context.Context, f func() error) error {
	patience, over := context.WithTimeout(ctx, s.opts.BusyTimeout)
	defer over()
	for attempt := 1; ; attempt++ {
		err := f()
		for errors.Is(err, ErrBusy) && pause(patience, busyPause) == nil {
			err = f()
		}
		if !errors.Is(err, ErrUnreachable) || s.dialect != postgres {
			return err
		}
		if attempt == s.opts.Attempts {
			var e *Error
			if errors.As(err, &e) {
				e.Detail = fmt.Sprintf("%s (tried %d times)", e.Detail, attempt)
			}
			return err
		}
		if err := pause(ctx, s.opts.Pause<<(attempt-1)); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// collect scans every row into a T and closes the rows.
func collect[T any](rows *sql.Rows, into func(*T) []any) ([]T, error) {
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(into(&v)...); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
