package finding

import (
	"cmp"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// Status is where a finding that was once made is in its life. It is about failures only:
// an unknown verdict has no life of its own, it hides that of the failure.
type Status string

// The statuses. Those from StatusFixed on are of findings that the run did not make.
const (
	StatusNew      Status = "new"      // it fails, and never did before
	StatusOpen     Status = "open"     // it fails, as it did before
	StatusReopened Status = "reopened" // it fails, and was fixed or gone before
	StatusWaived   Status = "waived"   // it fails, and an exception was granted
	StatusFixed    Status = "fixed"    // its policy judged its resource, and this is not wrong any more
	StatusGone     Status = "gone"     // its resource is not there, where everything has been read
	// StatusNotVisible is of what could not be looked at: it was asked for, and its cell or
	// its resource could not be read, or its policy could not tell.
	StatusNotVisible Status = "not_visible"
)

// Statuses returns every status in the order in which reports show them.
func Statuses() []Status {
	return []Status{StatusNew, StatusReopened, StatusOpen, StatusWaived, StatusFixed, StatusGone, StatusNotVisible}
}

// Failing reports whether a finding in this status was made by the run.
func (s Status) Failing() bool {
	switch s {
	case StatusNew, StatusOpen, StatusReopened, StatusWaived:
		return true
	case StatusFixed, StatusGone, StatusNotVisible:
	}
	return false
}

// History is what the saved runs say of a finding.
type History struct {
	Status    Status    `json:"status"`
	FirstSeen time.Time `json:"first_seen"` // time of the first run that made it
	LastSeen  time.Time `json:"last_seen"`  // of the last one that made it
	// Since is the time of the run since which it fails, new, open, reopened or waived, or
	// else has this status, without a break.
	Since    time.Time `json:"since"`
	Reopened int       `json:"reopened,omitempty"` // how often it came back
}

// RunRef names a saved run.
type RunRef struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
}

// Since is what changed since an earlier run. What was not looked at in the later one is
// never among what is fixed or gone.
type Since struct {
	Run RunRef `json:"run"` // the earlier one
	// New and Reopened are fingerprints of findings of the later run.
	New      []string `json:"new"`
	Reopened []string `json:"reopened"`
	// The others are findings that the later run did not make, as they were last seen.
	Fixed      []Finding `json:"fixed"`
	Gone       []Finding `json:"gone"`
	NotVisible []Finding `json:"not_visible"`
	// CellsGained were read in the later run only, CellsLost in the earlier one only
	// although the later one asked for them or for nothing in particular.
	CellsGained []providers.Cell `json:"cells_gained"`
	CellsLost   []providers.Cell `json:"cells_lost"`
}

// Empty reports whether nothing changed.
func (s Since) Empty() bool {
	return len(s.New)+len(s.Reopened)+len(s.Fixed)+len(s.Gone)+len(s.NotVisible)+len(s.CellsGained)+len(s.CellsLost) == 0
}

// Tally counts the verdicts on the resources of one owner in one account, by policies of
// one category and severity.
type Tally struct {
	Owner    string   `json:"owner,omitempty"` // "" is nobody, unless OwnerUnknown
	Provider string   `json:"provider"`
	Scope    string   `json:"scope"` // Scope.ID
	Category Category `json:"category"`
	Severity Severity `json:"severity"` // of the policy
	// OwnerUnknown says that it could not be told whose the resources are.
	OwnerUnknown bool `json:"owner_unknown,omitempty"`
	Counts
}

// CompareTallies orders tallies by their fields from the left, the worst severity first.
func CompareTallies(a, b Tally) int {
	unknown := func(t Tally) int {
		if t.OwnerUnknown {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Category, b.Category),
		cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), cmp.Compare(unknown(a), unknown(b)))
}

// Subject is what a failure is about, as far as it takes to say of a later run whether it
// looked there.
type Subject struct {
	Policy   string
	Provider string
	Scope    string // Scope.ID
	Region   string // "" for a global resource
	Type     providers.Type
	Resource string // its id
}

// Subject returns what the finding is about.
func (f Finding) Subject() Subject {
	r := f.Resource
	return Subject{f.Policy, r.Provider, r.Scope, r.Region, r.Type, r.ID}
}
