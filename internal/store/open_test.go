package store

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

var fixture = flag.Bool("fixture", false, "write testdata/schema1.sql anew")

// run runs statements on a database as another program would.
func run(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := s.db.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// raw opens a place without looking at what is there.
func raw(t *testing.T, place string) *Store {
	t.Helper()
	s, err := connect(t.Context(), place, Options{Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestADatabaseOfANewerMetsukeIsRefusedAndLeftAsItIs(t *testing.T) {
	place := newPlace(t)
	s := openAt(t, place)
	run(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, `+truth(s.dialect)+`)`)
	_ = s.Close()
	before := digestFile(t, place)
	_, err := Open(t.Context(), place, Options{})
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "schema 9000") || !strings.Contains(err.Error(), "use the newer metsuke") {
		t.Errorf("it says %v", err)
	}
	if digestFile(t, place) != before {
		t.Error("the file has changed")
	}
}

// digestFile is "" where the place is no file.
func digestFile(t *testing.T, place string) string {
	t.Helper()
	b, err := os.ReadFile(place)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(b))
}

func TestAStoreThatANewerMetsukeMigratedMeanwhileIsNotWritten(t *testing.T) {
	place := newPlace(t)
	s := openAt(t, place)
	scan{run: runOf(0, bucket("a"))}.save(t, s)
	rec := scan{run: runOf(1, bucket("b"))}.record(t, s)
	run(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, `+truth(s.dialect)+`)`)
	_, err := s.Save(t.Context(), rec)
	if !errors.Is(err, ErrNewer) {
		t.Errorf("it says %v", err)
	}
	if err := s.Delete(t.Context(), listed(t, s)...); !errors.Is(err, ErrNewer) {
		t.Errorf("to a deletion it says %v", err)
	}
	if got := listed(t, s); len(got) != 1 {
		t.Errorf("there are %v", got)
	}
}

func TestADatabaseOfSomethingElseIsRefused(t *testing.T) {
	place := newPlace(t)
	s := raw(t, place)
	run(t, s, `CREATE TABLE recipes (name TEXT)`)
	_ = s.Close()
	before := digestFile(t, place)
	if _, err := Open(t.Context(), place, Options{}); !errors.Is(err, ErrForeign) {
		t.Errorf("it says %v", err)
	}
	if digestFile(t, place) != before {
		t.Error("the file has changed")
	}
}

func TestADamagedFileIsSaid(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole.db")
	s := openAt(t, whole)
	for n := range 5 {
		scan{run: runOf(n, bucket("a"), bucket("b"))}.save(t, s)
	}
	_ = s.Close()
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	noise := bytes.Repeat([]byte("noise"), 4000)
	for name, damaged := range map[string][]byte{
		"a text":      []byte("# this is no database, but it is long enough to look at\n" + strings.Repeat("x", 5000)),
		"its head":    append(append([]byte{}, noise[:120]...), text[120:]...),
		"cut off":     text[:len(text)/2],
		"its middle":  append(append(append([]byte{}, text[:8000]...), noise...), text[8000+len(noise):]...),
		"all the end": append(append([]byte{}, text[:4096]...), bytes.Repeat([]byte{0xff}, len(text)-4096)...),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "metsuke.db")
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), path, Options{})
			if err == nil {
				_, err = s.Check(t.Context(), digestOf)
				_ = s.Close()
			}
			if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "restore a copy") {
				t.Errorf("it says %v", err)
			}
		})
	}
}

func TestAFullDiskSavesNothing(t *testing.T) {
	s := openTemp(t)
	scan{run: runOf(0, bucket("a"))}.save(t, s)
	before := listed(t, s)
	var pages int
	if err := s.db.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	// SQLite says the same of a file that must not grow as of a disk that is full.
	s.db.SetMaxOpenConns(1)
	run(t, s, fmt.Sprintf("PRAGMA max_page_count = %d", pages+2))
	rec := scan{run: runOf(1, bucket("b"))}.record(t, s)
	rec.Inputs = []Input{{"noise", incompressible(1 << 20)}}
	_, err := s.Save(t.Context(), rec)
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "nothing of this was saved") || !strings.Contains(err.Error(), s.Place()) {
		t.Errorf("it says %v", err)
	}
	if got := listed(t, s); len(got) != len(before) {
		t.Errorf("there are %v", got)
	}
	run(t, s, "PRAGMA max_page_count = 1000000")
	if saved, err := s.Save(t.Context(), rec); err != nil || shortSince(saved.Since)["new"][0] != "b" {
		t.Errorf("when there is room again: %v, %v", saved, err)
	}
}

func incompressible(n int) []byte {
	out, x := make([]byte, n), uint64(88172645463325252)
	for i := range out {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		out[i] = byte(x)
	}
	return out
}

func TestANewFileHasLargePages(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "runs.db"))
	var pages, vacuum int64
	for pragma, into := range map[string]*int64{"page_size": &pages, "auto_vacuum": &vacuum} {
		if err := s.db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	if pages != pageSize || vacuum != 2 {
		t.Errorf("page_size is %d, auto_vacuum %d", pages, vacuum)
	}
}

func TestAPathCanHoldAnything(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b", "50 % of #1?mode=memory&x=é")
	for _, place := range []string{filepath.Join(dir, "metsuke.db"), "sqlite:" + filepath.Join(dir, "other.db")} {
		s := openAt(t, place)
		scan{run: runOf(0, bucket("a"))}.save(t, s)
		info, err := os.Stat(strings.TrimPrefix(place, "sqlite:"))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("others may read it: %v", info.Mode())
		}
	}
}

func TestAPlaceThatIsNoneIsRefused(t *testing.T) {
	for _, place := range []string{"", "sqlite:", "mysql://root@localhost/x", "a\x00b"} {
		_, err := Open(t.Context(), place, Options{})
		if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "give the path of a SQLite file") {
			t.Errorf("%q: %v", place, err)
		}
	}
	dir := t.TempDir()
	if _, err := Open(t.Context(), dir, Options{}); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), dir) {
		t.Errorf("a directory: %v", err)
	}
	if _, err := Open(t.Context(), os.DevNull, Options{}); !errors.Is(err, ErrReadOnly) || !strings.HasPrefix(err.Error(), os.DevNull+": ") {
		t.Errorf("a device: %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), filepath.Join(file, "metsuke.db"), Options{}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("below a file: %v", err)
	}
}

// TestTheFixtureOfSchema1 writes testdata/schema1.sql anew. That is only for as long as no
// metsuke with schema 1 has been released.
func TestTheFixtureOfSchema1(t *testing.T) {
	if !*fixture {
		t.Skip("it is written with -fixture only")
	}
	s := openTemp(t)
	for _, one := range []scan{{run: runOf(0, bucket("a"), bucket("b"))}, {run: runOf(1, waived(bucket("b"))), exist: []string{"a"}}, {run: runOf(2, bucket("b"))}} {
		rec := one.record(t, s)
		rec.Run.Tallies = []finding.Tally{{Owner: "shop", Counts: finding.Counts{Fail: 1}}}
		save(t, s, rec)
	}
	var out strings.Builder
	for _, table := range []string{"series", "run", "content", "run_part", "finding", "fact", "life", "life_state", "cell", "cell_state", "tally", "lease"} {
		dump(t, s, table, &out)
	}
	if err := os.WriteFile(filepath.Join("testdata", "schema1.sql"), []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// dump writes the statements that make a table.
func dump(t *testing.T, s *Store, table string, out *strings.Builder) {
	t.Helper()
	for _, q := range []string{
		`SELECT sql FROM sqlite_master WHERE sql <> '' AND tbl_name = ? ORDER BY type DESC, name`,
		`SELECT 'INSERT INTO ` + table + ` VALUES (' || (SELECT group_concat('quote("' || name || '")', ' || '', '' || ') FROM pragma_table_info(?)) || ' || '')'' FROM ` + table + `'`,
	} {
		rows, err := s.db.QueryContext(t.Context(), q, table)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := collect(rows, func(v *string) []any { return []any{v} })
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if insert, ok := strings.CutPrefix(line, "INSERT"); ok {
				dumpRows(t, s, "SELECT 'INSERT"+insert, out)
				continue
			}
			out.WriteString(line + ";\n")
		}
	}
}

func dumpRows(t *testing.T, s *Store, query string, out *strings.Builder) {
	t.Helper()
	query = strings.Replace(query, "VALUES (quote", "VALUES (' || quote", 1)
	rows, err := s.db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	lines, err := collect(rows, func(v *string) []any { return []any{v} })
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		out.WriteString(line + ";\n")
	}
}

// truth is true.
func truth(d dialect) string { return map[dialect]string{sqlite: "1", postgres: "true"}[d] }

// versionTable makes goose's table as goose makes it.
func versionTable(d dialect) string {
	id, at := "INTEGER PRIMARY KEY AUTOINCREMENT", "TIMESTAMP DEFAULT (datetime('now'))"
	if d == postgres {
		id, at = "INTEGER PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY", "TIMESTAMP NOT NULL DEFAULT now()"
	}
	return "CREATE TABLE goose_db_version (id " + id + ", version_id BIGINT NOT NULL, is_applied " + map[dialect]string{sqlite: "INTEGER", postgres: "BOOLEAN"}[d] + " NOT NULL, tstamp " + at + ")"
}

func TestSchema1IsBroughtUpToDate(t *testing.T) {
	place := newPlace(t)
	s := raw(t, place)
	text, err := os.ReadFile(filepath.Join("testdata", "schema1.sql"))
	if err != nil {
		t.Fatal(err)
	}
	run(t, s, versionTable(s.dialect), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, `+truth(s.dialect)+`), (1, `+truth(s.dialect)+`)`)
	for _, statement := range strings.Split(string(text), ";\n") {
		if statement = forDialect(statement, s.dialect); strings.TrimSpace(statement) != "" {
			run(t, s, statement)
		}
	}
	_ = s.Close()
	s = openAt(t, place)
	if n := checkWhole(t, s); n != 3 {
		t.Errorf("there are %d runs", n)
	}
	compareScores(t, s)
	saved := scan{run: runOf(3, bucket("a"))}.save(t, s)
	if got := shortSince(saved.Since); len(got["reopened"]) != 1 || len(got["gone"]) != 1 {
		t.Errorf("after the three runs of the fixture: %v", got)
	}
	compareScores(t, s)
}

func TestWhatAKilledProcessLeftIsUndoneWhenItIsOpened(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "metsuke.db")
	// A process that is killed while it makes the file leaves a rollback journal: the file is
	// in WAL mode only after that.
	s := raw(t, path)
	run(t, s, "PRAGMA journal_mode(DELETE)")
	_ = s.Close()
	db, err := sql.Open("sqlite", sqliteName(path, Options{}, "mode=rw", "_pragma=cache_size(2)"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), "CREATE TABLE recipes (text BLOB)"); err != nil {
		t.Fatal(err)
	}
	for range 20 { // more than the cache holds, so that the file is written before the end
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO recipes VALUES (randomblob(4000))"); err != nil {
			t.Fatal(err)
		}
	}
	left := filepath.Join(dir, "left", "metsuke.db")
	if err := os.Mkdir(filepath.Dir(left), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, ending := range []string{"", "-journal"} {
		b, err := os.ReadFile(path + ending)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(left+ending, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = openAt(t, left)
	scan{run: runOf(0, bucket("a"))}.save(t, s)
	if n := checkWhole(t, s); n != 1 {
		t.Errorf("there are %d runs", n)
	}
}
