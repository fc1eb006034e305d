package snapshot

import "fmt"

// Error says why a file is no inventory that can be read, and what to do about it.
type Error struct {
	File string
	Line int // 1 is the first; 0 where the whole file is meant
	Why  string
	Fix  string // what to do, "" where nothing helps
}

// Error has the form file:line: why; fix.
func (e *Error) Error() string {
	out := e.File + ": " + e.Why
	if e.Line > 0 {
		out = fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Why)
	}
	if e.Fix != "" {
		out += "; " + e.Fix
	}
	return out
}

const (
	takeOne   = "`metsuke inventory -f ndjson` and `metsuke scan --save-inventory FILE` write one"
	takeAgain = "take the inventory again"
)
