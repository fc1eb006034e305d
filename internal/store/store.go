package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers the driver
)

// Options are how a store is opened. The zero value will do.
type Options struct {
	// Attempts is how often PostgreSQL is tried in all where it cannot be reached; default 5.
	Attempts int
	// Pause is how long to wait after the first attempt; it doubles from one to the next.
	// Default 200 ms.
	Pause time.Duration
	// BusyTimeout is how long to wait for another process that writes to the SQLite file;
	// default 60 s.
	BusyTimeout time.Duration
	// Owner says to people who has a lease, such as the host and the process; "" is not said.
	Owner string
}

// Store holds runs. It is safe for concurrent use, also by several processes.
type Store struct {
	db      *sql.DB
	dialect dialect
	place   string // for messages: no password is in it
	secret  string // the password, for taking it out of messages
	opts    Options
	schemas func() ([]int64, error) // the versions of the schema that this metsuke knows
}

// Open opens the store at a path, at "sqlite:PATH" or at "postgres://...", makes it where
// there is none, and brings an older one up to date. A store of a newer metsuke, and a
// database of something else, are refused and left as they are. Errors are of type
// *Error.
func Open(ctx context.Context, place string, o Options) (*Store, error) {
	o.Attempts = cmp.Or(max(o.Attempts, 0), 5)
	o.Pause = cmp.Or(o.Pause, 200*time.Millisecond)
	o.BusyTimeout = cmp.Or(o.BusyTimeout, time.Minute)
	s, err := connect(ctx, place, o)
	if err != nil {
		return nil, err
	}
	s.schemas = sync.OnceValues(s.versions)
	if err := s.migrate(ctx); err != nil {
		_ = s.db.Close()
		return nil, err
	}
	return s, nil
}

func connect(ctx context.Context, place string, o Options) (*Store, error) {
	scheme, _, isURL := strings.Cut(place, "://")
	switch {
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		return connectPostgres(place, o)
	case isURL:
		return nil, &Error{Kind: ErrUnreachable, Place: scheme + "://...", Detail: "no such kind of database", Advice: "give the path of a SQLite file, or postgres://USER@HOST/DATABASE"}
	}
	path := strings.TrimPrefix(place, "sqlite:")
	if path == "" || strings.ContainsRune(path, 0) {
		return nil, &Error{Kind: ErrUnreachable, Detail: "the path of the database is empty or holds a zero byte", Advice: "give the path of a SQLite file, or postgres://USER@HOST/DATABASE"}
	}
	return connectSQLite(ctx, path, o)
}

// connectSQLite looks at the file before it opens it for writing: what is refused is not
// to be changed, not even in its mode.
func connectSQLite(ctx context.Context, path string, o Options) (*Store, error) {
	s := &Store{dialect: sqlite, place: path, opts: o}
	if err := makeFile(path); err != nil {
		return nil, s.fault("open", err)
	}
	err := s.retry(ctx, func() error {
		err := s.look(ctx, "mode=ro")
		if errors.Is(err, errRecovery) {
			err = s.look(ctx, "mode=rw")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	// A commit reaches the disk before it returns (FULL): a run is one commit, so that this
	// costs one fsync, and messages that went out must not go out again after a power cut.
	s.db, err = sql.Open("sqlite", sqliteName(path, o,
		"mode=rw", "_pragma=auto_vacuum(2)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)",
		"_pragma=cache_size(-65536)", "_pragma=journal_size_limit(67108864)", "_txlock=immediate",
	))
	if err != nil {
		return nil, s.fault("open", err)
	}
	return s, nil
}

// look refuses what this metsuke must not write.
func (s *Store) look(ctx context.Context, mode string) error {
	db, err := sql.Open("sqlite", sqliteName(s.place, s.opts, mode))
	if err != nil {
		return s.fault("open", err)
	}
	defer func() { _ = db.Close() }()
	return (&Store{db: db, dialect: sqlite, place: s.place, opts: s.opts}).refuse(ctx)
}

// makeFile makes an empty file that only its owner reads: it holds the configuration of
// the accounts.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &Error{Kind: ErrReadOnly, Detail: "it is no file that can hold one", Advice: "give the path of a SQLite file"}
	}
	return errors.Join(err, f.Close())
}

// pageSize is that of files that are made, in bytes: findings are looked up one by one, and
// twice as many neighbours are found together as in pages of SQLite's own size.
const pageSize = 8192

// sqliteName is what the driver takes: a URI, in which a path can hold anything.
func sqliteName(path string, o Options, params ...string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}
	// The driver says busy_timeout first and the rest by name, and auto_vacuum already writes
	// the first page: so the size of the pages has to be said together with the timeout.
	first := "busy_timeout(" + itoa(o.BusyTimeout.Milliseconds()) + "); PRAGMA page_size(" + itoa(pageSize) + ")"
	return u.String() + "?" + strings.Join(append([]string{"_pragma=" + url.QueryEscape(first)}, params...), "&")
}

func connectPostgres(place string, o Options) (*Store, error) {
	s := &Store{dialect: postgres, place: "postgres://...", opts: o}
	if u, err := url.Parse(place); err == nil {
		s.secret, _ = u.User.Password()
		if q := u.Query().Get("password"); q != "" {
			s.secret = q
		}
		s.place = (&url.URL{Scheme: u.Scheme, User: userOf(u), Host: u.Host, Path: u.Path}).String()
	}
	cfg, err := pgx.ParseConfig(place)
	if err != nil {
		return nil, &Error{Kind: ErrUnreachable, Place: s.place, Detail: "the URL cannot be read", Advice: "it has the form postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full; percent-encode what is special in the password"}
	}
	s.secret = cmp.Or(s.secret, cfg.Password)
	s.db = stdlib.OpenDB(*cfg)
	s.db.SetMaxOpenConns(8)
	return s, nil
}

func userOf(u *url.URL) *url.Userinfo {
	if u.User == nil {
		return nil
	}
	return url.User(u.User.Username())
}

// Place says where the store is, without a password.
func (s *Store) Place() string { return s.place }

// Close closes the store. What was saved is on the disk already.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return s.fault("close", err)
	}
	return nil
}
