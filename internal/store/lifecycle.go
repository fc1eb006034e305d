package store

import (
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
)

// sighting is what a run has to say of a failure.
type sighting int

const (
	silent  sighting = iota // nothing: the failure stays as it was
	made                    // the run made it
	excused                 // the run made it, and it is waived
	mended                  // its policy judged its resource, and this is not wrong any more
	removed                 // its resource is gone
	hidden                  // it was asked for, and could not be looked at
)

// lookedFor says what a run has to say of an earlier failure that it did not make.
//
// A run says nothing of what it was not asked for, and of what its Watch was not made to
// watch: another process saved that one in between. Of what an interrupted run did not
// reach it says nothing either: it was not refused a look, it was stopped. The failures
// of a policy that does not exist any more are hidden once, since nobody looks at them,
// and gone when their resource is.
func lookedFor(w *govern.Watch, s finding.Subject, asked, interrupted bool) sighting {
	if w == nil || !asked {
		return silent
	}
	switch w.Look(s) {
	case govern.Judged:
		return mended
	case govern.Gone:
		return removed
	case govern.NotLooked:
	}
	if interrupted || !w.Knows(s) {
		return silent
	}
	return hidden
}

// next returns the history of a failure after a run at the time. The zero History is that
// of one that was never made.
func next(h finding.History, s sighting, at time.Time) finding.History {
	switch s {
	case silent:
		return h
	case made, excused:
		return seen(h, s == excused, at)
	case mended:
		return ended(h, finding.StatusFixed, at)
	case removed:
		return ended(h, finding.StatusGone, at)
	case hidden:
		if h.Status.Failing() {
			h.Status, h.Since = finding.StatusNotVisible, at
		}
	}
	return h
}

func seen(h finding.History, waived bool, at time.Time) finding.History {
	status := finding.StatusOpen
	switch h.Status {
	case "":
		status, h.FirstSeen = finding.StatusNew, at
	case finding.StatusFixed, finding.StatusGone:
		status = finding.StatusReopened
		h.Reopened++
	case finding.StatusNew, finding.StatusOpen, finding.StatusReopened, finding.StatusWaived, finding.StatusNotVisible:
	}
	if waived {
		status = finding.StatusWaived
	}
	if !h.Status.Failing() {
		h.Since = at
	}
	h.Status, h.LastSeen = status, at
	return h
}

// begins reports whether a failure is found for the first time, or anew after it had ended.
// While it could not be looked at, or was waived, it goes on.
func begins(before, after finding.Status) bool {
	return after.Failing() && !before.Failing() && before != finding.StatusNotVisible
}

// ended is for what is not made any more. What is fixed stays fixed when its resource
// goes.
func ended(h finding.History, as finding.Status, at time.Time) finding.History {
	if h.Status.Failing() || h.Status == finding.StatusNotVisible {
		h.Status, h.Since = as, at
	}
	return h
}
