package notify

import (
	"cmp"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Digest is what one receiver is told about a run.
type Digest struct {
	Run    finding.RunRef `json:"run"`
	Before finding.RunRef `json:"before,omitzero"` // the run that it is compared with; zero is none
	// Owner is whose findings these are, "" is nobody's; where Everything is set they are
	// everybody's.
	Owner      string `json:"owner"`
	Everything bool   `json:"everything,omitempty"`

	New      []finding.Finding `json:"new"`
	Reopened []finding.Finding `json:"reopened"`
	Fixed    []finding.Finding `json:"fixed"`
	Gone     []finding.Finding `json:"gone"`     // with their resource
	Overdue  []finding.Finding `json:"overdue"`  // that became so since the run before
	Unwaived []finding.Finding `json:"unwaived"` // whose waiver ended since the run before
	// NotVisible counts failures that could not be looked at this time.
	NotVisible int `json:"not_visible"`

	Open    map[finding.Severity]int `json:"open"` // findings that fail and that nothing excuses
	Saving  float64                  `json:"saving_usd_monthly,omitempty"`
	Unknown int                      `json:"unknown"` // verdicts that could not be reached
	// The coverage is that of the whole run, whoever owns what was not read.
	CellsPlanned int    `json:"cells_planned"`
	CellsRead    int    `json:"cells_read"`
	CellsLost    int    `json:"cells_lost"` // read in the run before and not in this one
	Interrupted  bool   `json:"interrupted,omitempty"`
	Link         string `json:"link,omitempty"` // where the report is found
}

// Deadlines are how long a finding may stay open, by severity. A severity without one is
// never overdue.
type Deadlines map[finding.Severity]time.Duration

// First reports whether there is no run before it to compare with: then nothing is new,
// and all there is to tell is how things are.
func (d Digest) First() bool { return d.Before.ID == "" }

// Quiet reports whether there is nothing to tell: nothing came, went or became overdue,
// and nothing that was read before was lost.
func (d Digest) Quiet() bool {
	if d.First() {
		return d.Total()+d.Unknown == 0
	}
	return len(d.New)+len(d.Reopened)+len(d.Fixed)+len(d.Gone)+len(d.Overdue)+len(d.Unwaived)+d.CellsLost == 0
}

// Total counts the open findings.
func (d Digest) Total() int {
	n := 0
	for _, k := range d.Open {
		n += k
	}
	return n
}

// Digests sums a saved run up for everybody together, which comes first, and for every
// owner who has or had a finding, sorted. Findings below the severity are left out of the
// lists and the counts; those of which nobody knows the owner are everybody's only.
//
// alive are the failures whose life goes on, as News has them. Those that the run did not
// look at, because it was asked for less or interrupted, are open and get overdue too.
// lapsed are the fingerprints of failures that were waived in the run before and are not in
// this one.
func Digests(run finding.Run, alive []finding.Finding, lapsed []string, least finding.Severity, deadlines Deadlines, link string) []Digest {
	all := newDigest(run, link)
	all.Everything = true
	by := map[string]*Digest{}
	each := func(f finding.Finding, note func(*Digest)) {
		if f.Severity.Rank() > least.Rank() {
			return
		}
		note(&all)
		if f.OwnerUnknown != "" { // it may be anybody's, and is not nobody's
			return
		}
		if by[f.Owner] == nil {
			d := newDigest(run, link)
			d.Owner = f.Owner
			by[f.Owner] = &d
		}
		note(by[f.Owner])
	}
	made, unwaived := map[string]bool{}, map[string]bool{}
	for _, fingerprint := range lapsed {
		unwaived[fingerprint] = true
	}
	for _, f := range run.Findings {
		made[f.Fingerprint] = true
		switch {
		case f.Verdict == finding.Unknown:
			each(f, func(d *Digest) { d.Unknown++ })
		case f.Counts():
			each(f, func(d *Digest) { d.open(f, run.Time, deadlines); d.news(f, unwaived[f.Fingerprint]) })
		}
	}
	for _, f := range alive {
		// A later run may have found more, when this one is told of late.
		if f.Counts() && !made[f.Fingerprint] && f.History != nil && f.History.Status.Failing() && !f.History.FirstSeen.After(run.Time) {
			each(f, func(d *Digest) { d.open(f, run.Time, deadlines) })
		}
	}
	if s := run.Since; s != nil {
		for _, f := range s.Fixed {
			each(f, func(d *Digest) { d.Fixed = append(d.Fixed, f) })
		}
		for _, f := range s.Gone {
			each(f, func(d *Digest) { d.Gone = append(d.Gone, f) })
		}
		for _, f := range s.NotVisible {
			each(f, func(d *Digest) { d.NotVisible++ })
		}
	}
	out := []Digest{all}
	for _, d := range by {
		d.CellsLost = 0 // an owner can do nothing about it
		out = append(out, *d)
	}
	slices.SortFunc(out[1:], func(a, b Digest) int { return cmp.Compare(a.Owner, b.Owner) })
	return out
}

func newDigest(run finding.Run, link string) Digest {
	d := Digest{
		Run: finding.RunRef{ID: run.ID, Time: run.Time}, Open: map[finding.Severity]int{}, Link: link, Interrupted: run.Interrupted,
		New: []finding.Finding{}, Reopened: []finding.Finding{}, Fixed: []finding.Finding{}, Gone: []finding.Finding{}, Overdue: []finding.Finding{}, Unwaived: []finding.Finding{},
		CellsPlanned: run.Coverage.CellsPlanned, CellsRead: run.Coverage.CellsRead,
	}
	if run.Since != nil {
		d.Before, d.CellsLost = run.Since.Run, len(run.Since.CellsLost)
	}
	return d
}

// open counts a finding that fails, and lists it when it became overdue.
func (d *Digest) open(f finding.Finding, now time.Time, deadlines Deadlines) {
	d.Open[f.Severity]++
	d.Saving += f.MonthlyCost
	if f.History == nil || d.First() {
		return
	}
	if allowed, ok := deadlines[f.Severity]; ok && overdue(*f.History, now, allowed) && !overdue(*f.History, d.Before.Time, allowed) {
		d.Overdue = append(d.Overdue, f)
	}
}

// news lists a finding of the run that was not there before, or was waived.
func (d *Digest) news(f finding.Finding, unwaived bool) {
	if f.History == nil || d.First() {
		return
	}
	if unwaived {
		d.Unwaived = append(d.Unwaived, f)
	}
	switch f.History.Status {
	case finding.StatusNew:
		d.New = append(d.New, f)
	case finding.StatusReopened:
		d.Reopened = append(d.Reopened, f)
	case finding.StatusOpen, finding.StatusWaived, finding.StatusFixed, finding.StatusGone, finding.StatusNotVisible:
	}
}

// overdue reports whether the finding is older than it may be. One that came back counts
// from its return.
func overdue(h finding.History, at time.Time, allowed time.Duration) bool {
	from := h.FirstSeen
	if h.Reopened > 0 {
		from = h.Since
	}
	return at.Sub(from) > allowed
}
