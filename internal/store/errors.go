package store

import (
	"errors"
	"fmt"
)

// What can be wrong with a store, for errors.Is. The message says where, and what to do.
var (
	ErrAmbiguous   = errors.New("more than one run is meant")
	ErrBusy        = errors.New("the database is busy")
	ErrCorrupt     = errors.New("the database is damaged")
	ErrExists      = errors.New("the run is saved already")
	ErrForeign     = errors.New("the database is not one of metsuke")
	ErrFull        = errors.New("the disk is full")
	ErrHeld        = errors.New("somebody else is at it")
	ErrNewer       = errors.New("the database is of a newer metsuke")
	ErrNotFound    = errors.New("no such run")
	ErrNoHistory   = errors.New("the runs have no common history")
	ErrReadOnly    = errors.New("the database cannot be written")
	ErrUnreachable = errors.New("the database cannot be reached")
)

// errRecovery says that a process was killed in the middle of a transaction, which has to be
// undone before the file can be read, by somebody who may write.
var errRecovery = errors.New("a process that was killed left a transaction to undo")

// Error is what went wrong with a store. No password is in it.
type Error struct {
	Kind   error  // one of the above
	Place  string // path of the file, or the URL without password; "" where it does not matter
	Detail string // what happened, "" where the kind says it all
	Advice string // what to do, "" where nothing is to be done
}

// Error says what, where, and what to do.
func (e *Error) Error() string {
	s := e.Kind.Error()
	if e.Place != "" {
		s = e.Place + ": " + s
	}
	if e.Detail != "" {
		s = fmt.Sprintf("%s: %s", s, e.Detail)
	}
	if e.Advice != "" {
		s = fmt.Sprintf("%s; %s", s, e.Advice)
	}
	return s
}

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }
