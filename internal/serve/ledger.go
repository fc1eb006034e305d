package serve

import (
	"context"
	"time"
)

// Ledger remembers what was due and what became of it, for every process that runs the
// same schedules. It is safe for concurrent use.
type Ledger interface {
	// Adopt notes a schedule with its timetable. One that is new, or has another timetable
	// than before, counts as done up to due, so that a first start runs nothing at once.
	Adopt(ctx context.Context, schedule, timetable string, due time.Time) error
	// Claim takes what is due on itself. It returns false when some process has done so
	// before, or has claimed anything later. A claim of what is due only long after now was
	// made by a clock that was wrong: it is forgotten, and counts as done up to due.
	Claim(ctx context.Context, schedule string, due, now time.Time) (bool, error)
	// Unfinished returns the latest claim when nobody has finished it; zero is none.
	Unfinished(ctx context.Context, schedule string) (time.Time, error)
	// Finish says what became of a claim.
	Finish(ctx context.Context, schedule string, due time.Time, o Outcome) error
	// Hold keeps everybody else, in this process and in others, from holding the name. It
	// returns false when somebody does. What a process holds is free again a little after
	// it has died.
	Hold(ctx context.Context, name string) (h Hold, ok bool, err error)
}

// Hold is a name that one has for oneself.
type Hold interface {
	Lost() <-chan struct{} // closed when it could not be kept
	Release()
}

// Outcome is how a scheduled scan ended.
type Outcome string

// The outcomes.
const (
	Complete   Outcome = "complete"   // everything that was asked for was read
	Incomplete Outcome = "incomplete" // it ended, and something could not be read
	Failed     Outcome = "failed"     // it did not come to a report
	// Interrupted is a scan that a stop of the process cut short. It is gone on with, and
	// so never the end of a claim.
	Interrupted Outcome = "interrupted"
)
