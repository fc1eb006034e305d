package govern

import (
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Group is what rows of scorecards tell apart.
type Group struct {
	finding.Ownership
	Provider, Scope string
	Category        finding.Category
}

// Standing is how a failure counts.
type Standing int

// The standings.
const (
	Counts  Standing = iota
	Waived           // excused by a waiver
	Excused          // by something else: the baseline, or a policy that only warns
)

// StandingOf returns that of a failing finding.
func StandingOf(f *finding.Finding) Standing {
	switch {
	case f.Waiver != nil:
		return Waived
	case !f.Counts():
		return Excused
	}
	return Counts
}

// Failures are failing findings of a run that are alike.
type Failures struct {
	Group
	Severity finding.Severity
	Standing Standing
	Ages     Ages
	// SavingUSD is what mending them all saves, in US dollars a month.
	SavingUSD float64
}

// Ages counts failures by the time since the run that found them first, or again: at most
// each of AgeLimits, and longer.
type Ages [4]int

// AgeLimits are the ages that are told apart.
func AgeLimits() [3]time.Duration { return [3]time.Duration{7 * day, 30 * day, 90 * day} }

func (a Ages) total() int { return a[0] + a[1] + a[2] + a[3] }

// Mended are failures that were found mended, each as often as it was.
type Mended struct {
	Group
	Number int
	// Days is how long it took, from the run that found each to the one that found it
	// mended, all added up. Time in which it could not be looked at, or was waived, is in it.
	Days float64
}
