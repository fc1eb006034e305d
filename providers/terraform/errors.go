package terraform

import (
	"bytes"
	"fmt"
	"io"
)

// Kind says what is wrong with a plan or a state.
type Kind string

// The kinds. Each one has its own cure, which Error.Fix says.
const (
	Empty        Kind = "empty"        // no bytes, or white space only
	Truncated    Kind = "truncated"    // the JSON ends before its end
	Syntax       Kind = "syntax"       // not JSON
	Encoding     Kind = "encoding"     // UTF-16, or bytes that are not UTF-8
	Concatenated Kind = "concatenated" // more than one JSON value
	NotPlan      Kind = "not-a-plan"   // JSON, but not of terraform show -json
	State        Kind = "state"        // a state where a plan was expected
	NotState     Kind = "not-a-state"  // JSON, but not of terraform show -json of a state
	Version      Kind = "version"      // a format version that is not known
	FailedRun    Kind = "failed-run"   // the plan of a run that ended in an error
	Incomplete   Kind = "incomplete"   // a plan that leaves out resources: -target, deferred changes
	Unreadable   Kind = "unreadable"   // the file could not be read
)

// Error says why a file cannot be taken for a whole plan: what is wrong, where,
// and what to do.
type Error struct {
	Kind   Kind
	File   string // Options.Name
	Offset int64  // byte offset; -1 when no place is to blame
	Line   int    // 1 is the first; 0 when no place is to blame
	Why    string
	Fix    string
	Err    error // the cause, where there is one
}

// Error gives the place, the fault and the cure in one line.
func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at = fmt.Sprintf("%s:%d (byte %d)", e.File, e.Line, e.Offset)
	}
	s := at + ": " + e.Why
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Fix != "" {
		s += "; " + e.Fix
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

const rerun = "run `terraform show -json PLANFILE > plan.json` (or `tofu show -json`) again"

// lineAt counts the lines up to the offset. It reads the file again: only an
// error needs it.
func lineAt(r io.ReaderAt, offset int64) int {
	line := 1
	buf := make([]byte, 64<<10)
	for at := int64(0); at < offset; {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), offset-at)], at)
		line += bytes.Count(buf[:n], []byte{'\n'})
		at += int64(n)
		if err != nil || n == 0 {
			break
		}
	}
	return line
}
