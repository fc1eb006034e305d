//go:build unix

// Package storetest starts a PostgreSQL server for tests. It knows nothing of what a store
// keeps there; whoever uses it imports the store, which has the driver.
package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL server that tests have started, or one that METSUKE_TEST_POSTGRES
// names.
type Server struct {
	// URL is that of the database to begin with.
	URL     *url.URL
	missing string // why there is none
	dir     string
	process *exec.Cmd
}

var (
	theServer = sync.OnceValues(start)
	started   atomic.Pointer[Server]
	schemas   atomic.Int64
)

// Postgres returns the server of these tests, which Stop ends. Where no program for it is
// found the test is skipped, and says what is missing.
func Postgres(t testing.TB) *Server {
	t.Helper()
	s, err := theServer()
	if err != nil {
		t.Fatal(err)
	}
	if s.missing != "" {
		t.Skip(s.missing)
	}
	return s
}

// NewSchema makes an empty schema, which takes less than a database, and returns the URL
// of a store in it. It is removed when the test ends.
func (s *Server) NewSchema(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("metsuke_test_%d_%d", os.Getpid(), schemas.Add(1))
	if err := s.exec(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.exec(context.Background(), "DROP SCHEMA "+name+" CASCADE") // the context of the test is over
	})
	u := *s.URL
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// exec runs a statement on a connection of its own: a server has few.
func (s *Server) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", s.URL.String())
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// binary finds a program of PostgreSQL: Debian keeps them apart, by version.
func binary(name string) string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1]
	}
	path, _ := exec.LookPath(name)
	return path
}

// start starts a server on a socket in a temporary directory. It runs as somebody
// without rights where the tests run as root, which it refuses.
func start() (*Server, error) {
	if place := os.Getenv("METSUKE_TEST_POSTGRES"); place != "" {
		u, err := url.Parse(place)
		return &Server{URL: u}, err
	}
	initdb, postgres := binary("initdb"), binary("postgres")
	if initdb == "" || postgres == "" {
		return &Server{missing: "no PostgreSQL here: initdb and postgres are neither in /usr/lib/postgresql nor in PATH; install it (Debian: apt-get install postgresql) or name a server in METSUKE_TEST_POSTGRES"}, nil
	}
	dir, err := os.MkdirTemp("", "metsuke-pg")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, URL: &url.URL{Scheme: "postgres", User: url.User("tester"), Path: "/postgres", RawQuery: "host=" + url.QueryEscape(dir)}}
	started.Store(s)
	attributes, err := Unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	make := exec.Command(initdb, "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
	make.SysProcAttr, make.Dir = attributes, dir
	if out, err := make.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", initdb, err, out)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	s.process = exec.Command(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=50")
	s.process.SysProcAttr, s.process.Dir, s.process.Stdout, s.process.Stderr = attributes, dir, log, log
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	return s, s.wait(filepath.Join(dir, "log"))
}

// wait waits until the server answers.
func (s *Server) wait(log string) error {
	db, err := sql.Open("pgx", s.URL.String())
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for range 300 {
		if err = db.Ping(); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	text, _ := os.ReadFile(log)
	return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, text)
}

// Unprivileged gives the directory to somebody without rights and returns how to run a
// program as them; nil where the tests themselves are.
func Unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	who, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(who.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(who.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

// Stop ends the server if these tests have started one.
func Stop() {
	s := started.Load()
	if s == nil {
		return
	}
	if s.process != nil && s.process.Process != nil {
		_ = s.process.Process.Signal(syscall.SIGINT) // the fast shutdown
		_ = s.process.Wait()
	}
	_ = os.RemoveAll(s.dir)
}
