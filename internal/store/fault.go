package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fault turns an error of a driver or of the file system into an *Error where it is one
// about which something can be done, and takes the password out of any other.
func (s *Store) fault(doing string, err error) error {
	var own *Error
	if errors.As(err, &own) && own.Place == "" && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrAmbiguous) {
		own.Place = s.place
	}
	if err == nil || errors.As(err, &own) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	detail := err.Error()
	var connecting *pgconn.ConnectError
	var lite *sqlitedriver.Error
	switch {
	case errors.As(err, &connecting):
		detail = causes(connecting)
	case errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_NOTADB:
		detail = "it is no database of SQLite, or its beginning was overwritten"
	case errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_READONLY_DIRECTORY:
		detail = "SQLite cannot make its -wal file in the directory"
	}
	detail = s.clean(detail)
	if e := s.known(detail, s.kind(err)); e != nil {
		return e
	}
	return fmt.Errorf("%s: %s: %s", s.place, doing, detail)
}

// causes says why no connection was made: once where the tries with and without
// encryption, or of several addresses, met the same.
func causes(err *pgconn.ConnectError) string {
	var out []string
	for line := range strings.Lines(err.Unwrap().Error()) {
		line = strings.TrimSpace(line)
		if _, cause, ok := strings.Cut(line, "dial error: "); ok { // what is before it names the address, as the cause does
			line = cause
		}
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "; ")
}

// clean takes the password out of a message.
func (s *Store) clean(message string) string {
	if s.secret != "" {
		message = strings.ReplaceAll(message, s.secret, "...")
	}
	return strings.Join(strings.Fields(message), " ")
}

// known returns the error of a kind, nil where the kind is.
func (s *Store) known(detail string, kind error) *Error {
	of := func(kind error, advice string) *Error {
		return &Error{Kind: kind, Place: s.place, Detail: detail, Advice: advice}
	}
	switch {
	case kind == nil:
		return nil
	case errors.Is(kind, ErrCorrupt) && s.dialect == postgres:
		return of(kind, "restore a copy of the database")
	case errors.Is(kind, ErrCorrupt):
		return of(kind, "move the file away together with those that end in -wal and -shm, and restore a copy; `sqlite3 FILE .recover` saves what can still be read")
	case errors.Is(kind, ErrFull):
		if s.dialect == sqlite {
			detail = "" // which statement met it helps nobody
		}
		return of(kind, "nothing of this was saved: free some space, or keep fewer runs, and try again")
	case errors.Is(kind, ErrReadOnly) && s.dialect == postgres:
		return of(kind, "the role has to own the tables, or to have the right to write them, and the server must be no standby")
	case errors.Is(kind, ErrReadOnly):
		return of(kind, "the file and its directory have to be writable; give another place, or permission")
	case errors.Is(kind, ErrBusy):
		return of(kind, "another process is writing; try again when it has finished")
	}
	return of(kind, "is the server up, and are host, user, password, database and schema right?")
}

// kind returns what is wrong, nil where that is nothing of its own.
func (s *Store) kind(err error) error {
	if unreadable(err) {
		return ErrCorrupt
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) {
		return liteKind(lite.Code())
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return postgresKind(pg.Code)
	}
	var network net.Error
	var connecting *pgconn.ConnectError
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return ErrFull
	case s.dialect == postgres && (errors.As(err, &network) || errors.As(err, &connecting) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)):
		return ErrUnreachable
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR):
		return ErrReadOnly
	}
	return nil
}

// unreadable reports whether the error is about a row that says what no row does: a text
// that is none, a type that its column has not, a row or column that is not there.
func unreadable(err error) bool {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	var at *time.ParseError
	if errors.As(err, &syntax) || errors.As(err, &typ) || errors.As(err, &at) || errors.Is(err, sql.ErrNoRows) {
		return true
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_ERROR { // of a statement that was right when it was written
		return strings.Contains(err.Error(), "no such column") || strings.Contains(err.Error(), "no such table")
	}
	return strings.Contains(err.Error(), "sql: Scan error on column")
}

// liteKind goes by the result codes of SQLite: https://sqlite.org/rescode.html. The low
// byte is the kind, the rest details it.
func liteKind(code int) error {
	switch code {
	case sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_RECOVERY:
		return errRecovery
	case sqlite3.SQLITE_READONLY_DBMOVED:
		return ErrCorrupt // the file was taken away from under the connection
	case sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_SHMSIZE:
		return ErrFull // what a full disk or a quota says in some file systems
	}
	switch code & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrCorrupt
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return ErrReadOnly
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	}
	return nil
}

// postgresKind goes by the SQLSTATE, PostgreSQL's manual, appendix A.
func postgresKind(code string) error {
	switch code {
	case "53100": // disk_full
		return ErrFull
	case "25006", "42501": // read_only_sql_transaction, insufficient_privilege
		return ErrReadOnly
	case "40001", "40P01", "55P03": // serialization_failure, deadlock_detected, lock_not_available
		return ErrBusy
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return ErrCorrupt
	case "57P01", "57P02", "57P03", "53300", "28000", "28P01", "3D000", "3F000": // shut down, starting, too many connections, authorisation, no such database or schema
		return ErrUnreachable
	}
	if strings.HasPrefix(code, "08") { // connection exceptions
		return ErrUnreachable
	}
	return nil
}
