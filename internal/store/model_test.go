package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// model is what docs/store.md says of one series, for holding a store against it. It was
// written from that text and not from the store: it keeps every run whole, and goes through
// all of them for every answer.
type model struct {
	runs []*told // in the order in which they were saved, with those that were deleted
}

// fault is a failure over all runs: what it is called may change with its policy.
type fault struct {
	check    int // which policy, whatever it is called
	resource string
}

// told is all that a run says.
type told struct {
	info        RunInfo
	deleted     bool
	providers   map[string]bool // that it was asked for; nil is everything
	interrupted bool
	made        map[fault][]finding.Finding // what failed
	others      []finding.Finding           // what could not be told
	seen        map[string]bool             // resources that it met
	judged      map[fault]bool              // came to a verdict
	read        map[string]providers.Cell   // by cellKey, in full
	watched     map[string]bool             // resources of what was tracked when it began
	asks        func(finding.Subject) bool  // nil: for everything
	subject     func(fault) finding.Subject
}

// event is what a run means for a failure.
type event string

const (
	nothing   event = ""
	isMade    event = "made"
	isWaived  event = "made and waived"
	isMended  event = "mended"
	isRemoved event = "removed"
	isHidden  event = "hidden"
)

// event is what the run means for a failure, by the table and the rules of the text.
func (r *told) event(f fault) event {
	if list := r.made[f]; len(list) > 0 {
		if slices.ContainsFunc(list, func(f finding.Finding) bool { return f.Waiver == nil }) {
			return isMade
		}
		return isWaived
	}
	s := r.subject(f)
	_, here := r.read[cellKey(s.Provider, s.Scope, s.Region, s.Type)]
	_, everywhere := r.read[cellKey(s.Provider, s.Scope, "", s.Type)]
	switch {
	case r.asks != nil && !r.asks(s):
		return nothing
	case !r.watched[f.resource]: // saved by somebody else in between
		return nothing
	case r.judged[f]:
		return isMended
	case !r.seen[f.resource] && (here || everywhere):
		return isRemoved
	case r.interrupted:
		return nothing
	}
	return isHidden
}

func cellKey(provider, scope, region string, typ providers.Type) string {
	return fmt.Sprint(provider, "/", scope, "/", region, "/", typ)
}

// moved are the runs that have a place in the history, up to one of them.
func (m *model) moved(until *told) []*told {
	var out []*told
	for _, r := range m.runs {
		if !r.info.Late {
			out = append(out, r)
		}
		if r == until {
			break
		}
	}
	return out
}

// stage is an event that changed something, with its run.
type stage struct {
	event
	at time.Time
}

func (e event) fails() bool { return e == isMade || e == isWaived }
func (e event) ends() bool  { return e == isMended || e == isRemoved }

// story is what happened to a failure: without what says nothing, and without what cannot
// happen to what is not there.
func (m *model) story(f fault, until *told) []stage {
	var out []stage
	for _, r := range m.moved(until) {
		e := r.event(f)
		var last event
		if len(out) > 0 {
			last = out[len(out)-1].event
		}
		switch {
		case e == nothing:
		case e.fails(), last.fails(), last == isHidden && e.ends():
			out = append(out, stage{e, r.info.Time})
		}
	}
	return out
}

// history says what the text says of the failure after a run; the status "" is that it was
// never made.
func (m *model) history(f fault, until *told) finding.History {
	var h finding.History
	story := m.story(f, until)
	var last event
	for i, s := range story {
		if s.fails() {
			h.LastSeen = s.at
			if h.FirstSeen.IsZero() {
				h.FirstSeen = s.at
			}
			if i == 0 || !last.fails() {
				h.Since = s.at // it fails without a break since then
			}
			if last.ends() {
				h.Reopened++
			}
		} else {
			h.Since = s.at
		}
		switch {
		case s.event == isWaived:
			h.Status = finding.StatusWaived
		case s.event == isMade && i == 0:
			h.Status = finding.StatusNew
		case s.event == isMade && last.ends():
			h.Status = finding.StatusReopened
		case s.event == isMade:
			h.Status = finding.StatusOpen
		default:
			h.Status = map[event]finding.Status{isMended: finding.StatusFixed, isRemoved: finding.StatusGone, isHidden: finding.StatusNotVisible}[s.event]
		}
		last = s.event
	}
	return h
}

// stages are the times in which the failure had one status.
func (m *model) stages(f fault) []Stage {
	var out []Stage
	for _, r := range m.moved(nil) {
		h := m.history(f, r)
		if h.Status != "" && (len(out) == 0 || out[len(out)-1].Status != h.Status) {
			out = append(out, Stage{h.Status, r.info.Time})
		}
	}
	return out
}

// asLastSeen is the failure as a run made it last.
func (m *model) asLastSeen(f fault, until *told) finding.Finding {
	var out finding.Finding
	for _, r := range m.moved(until) {
		if list := r.made[f]; len(list) > 0 {
			out = list[0]
		}
	}
	return out
}

// faults are all that were ever made by runs that have a place in the history.
func (m *model) faults() []fault {
	all := map[fault]bool{}
	for _, r := range m.moved(nil) {
		for f := range r.made {
			all[f] = true
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b fault) int {
		return cmp.Or(cmp.Compare(a.check, b.check), cmp.Compare(a.resource, b.resource))
	})
}

// lives is what Lives returns.
func (m *model) lives() []*Life {
	out := []*Life{}
	for _, f := range m.faults() {
		out = append(out, &Life{m.asLastSeen(f, nil), m.history(f, nil), m.stages(f)})
	}
	return out
}

// tracked is what Tracked returns.
func (m *model) tracked() []Tracked {
	out := []Tracked{}
	for _, f := range m.faults() {
		if h := m.history(f, nil); h.Status != finding.StatusFixed && h.Status != finding.StatusGone {
			out = append(out, Tracked{m.asLastSeen(f, nil), h})
		}
	}
	return out
}

// late says whether a run of the time has no place in the history: one that was saved
// before is newer, unless the two were asked for different providers.
func (m *model) late(r *told) bool {
	return slices.ContainsFunc(m.moved(nil), func(before *told) bool {
		apart := r.providers != nil && before.providers != nil
		for p := range r.providers {
			apart = apart && !before.providers[p]
		}
		return before.info.Time.After(r.info.Time) && !apart
	})
}

// changes are what Compare returns for two runs.
func (m *model) changes(a, b *told) Changes {
	out := Changes{Since: finding.Since{Run: a.info.Ref()}}
	for _, f := range m.faults() {
		was, h := m.history(f, a), m.history(f, b)
		ended := m.asLastSeen(f, b)
		ended.History = &h
		switch before, now := was.Status, h.Status; {
		case len(b.made[f]) > 0 && before == "":
			out.Since.New = append(out.Since.New, b.made[f][0].Fingerprint)
			out.New = append(out.New, withHistory(b.made[f], h)...)
		case len(b.made[f]) > 0 && (before == finding.StatusFixed || before == finding.StatusGone):
			out.Since.Reopened = append(out.Since.Reopened, b.made[f][0].Fingerprint)
			out.Reopened = append(out.Reopened, withHistory(b.made[f], h)...)
		case now == finding.StatusFixed && (before.Failing() || before == finding.StatusNotVisible):
			out.Since.Fixed = append(out.Since.Fixed, ended)
		case now == finding.StatusGone && (before.Failing() || before == finding.StatusNotVisible):
			out.Since.Gone = append(out.Since.Gone, ended)
		case now == finding.StatusNotVisible && before.Failing():
			out.Since.NotVisible = append(out.Since.NotVisible, ended)
		}
	}
	was, now := m.cells(a), m.cells(b)
	for key, c := range now {
		switch {
		case c.read && !was[key].read:
			out.Since.CellsGained = append(out.Since.CellsGained, c.Cell)
		case !c.read && was[key].read:
			out.Since.CellsLost = append(out.Since.CellsLost, c.Cell)
		}
	}
	return out
}

func withHistory(list []finding.Finding, h finding.History) []finding.Finding {
	var out []finding.Finding
	for _, f := range list {
		f.History = &h
		out = append(out, f)
	}
	return out
}

// cellThen is a cell as of a run.
type cellThen struct {
	providers.Cell
	read bool
}

// cells are those that were ever read, as of a run. Those that it was not asked for, or did
// not reach before it was stopped, are as they were.
func (m *model) cells(until *told) map[string]cellThen {
	out := map[string]cellThen{}
	for _, r := range m.moved(until) {
		for key, c := range out {
			asked := r.asks == nil || r.asks(finding.Subject{Provider: c.Scope.Provider, Scope: c.Scope.ID, Region: c.Region, Type: c.Type})
			if asked && !r.interrupted {
				out[key] = cellThen{c.Cell, false}
			}
		}
		for key, c := range r.read {
			out[key] = cellThen{c, true}
		}
	}
	return out
}

// run is what Run returns: what the run found, with the histories of its failures as of
// then, and what changed since the run before.
func (m *model) run(r *told) finding.Run {
	var out finding.Run
	for f, list := range r.made {
		if r.info.Late {
			out.Findings = append(out.Findings, list...)
		} else {
			out.Findings = append(out.Findings, withHistory(list, m.history(f, r))...)
		}
	}
	out.Findings = append(out.Findings, r.others...)
	out.Since = m.since(r)
	return out
}

// since is what changed since the run before, nil where there is none.
func (m *model) since(r *told) *finding.Since {
	list := m.moved(r)
	if r.info.Late || len(list) < 2 {
		return nil
	}
	out := m.changes(list[len(list)-2], r).Since
	return &out
}
