package store

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
)

// Record is a run to save, with what it takes to say what became of earlier findings.
type Record struct {
	// Series names the history that the run goes on with: "scan", "gate", "demo".
	Series string
	// Run is what is saved. Its findings are sorted. Where it has no ID it gets one.
	Run finding.Run
	// Watch noted what the run looked at; it was made of what Tracked returned. With nil
	// nothing is said of findings that the run did not make.
	Watch *govern.Watch
	// Asked says what the run was asked for; nil is everything. The rest keeps its status.
	// It is asked about cells as well: a subject without policy and resource.
	Asked func(finding.Subject) bool
	// WholeProviders says that Asked leaves out nothing but providers.
	WholeProviders bool
	// Names are the policies that there are, so that findings of renamed ones keep their
	// history.
	Names govern.Names
	// Inventory is what the run read, as lines of JSON; nil is not kept.
	Inventory io.Reader
	// Inputs are the files that decided with it, for computing the run again.
	Inputs         []Input
	Started, Ended time.Time
	// Digest returns the digest of the report of the run as it is saved; nil is none.
	Digest func(finding.Run) (string, error)
}

// Input is a file that a run depended on.
type Input struct {
	Name string // what it is, or its path
	Text []byte
}

// Saved is what became of a saved run.
type Saved struct {
	Run RunInfo
	// Since is what changed since the run before; nil for the first of its series, and for
	// one that is older than the one before.
	Since *finding.Since
	// History is that of the failures that the run made, by fingerprint.
	History map[string]finding.History
}

// Apply puts what the store knows into the run: its ID, what changed since the one
// before, and the history of its failures.
func (s Saved) Apply(run *finding.Run) {
	run.ID, run.Since = s.Run.ID, s.Since
	for i := range run.Findings {
		f := &run.Findings[i]
		if h, ok := s.History[f.Fingerprint]; ok && f.Verdict == finding.Fail {
			f.History = &h
		}
	}
}

// RunInfo is what a list says of a saved run.
type RunInfo struct {
	ID          string    `json:"id"`
	Series      string    `json:"series"`
	Mode        string    `json:"mode"`
	Version     string    `json:"version"` // of metsuke
	Time        time.Time `json:"time"`    // as of which it judged
	Started     time.Time `json:"started"`
	Ended       time.Time `json:"ended"`
	Interrupted bool      `json:"interrupted,omitempty"`
	Narrowed    bool      `json:"narrowed,omitempty"` // flags left something out
	// WholeProviders says that it is narrowed to providers, and looked at everything of them.
	WholeProviders bool     `json:"whole_providers,omitempty"`
	Providers      []string `json:"providers"` // that it read, sorted
	// Late says that it is older than one that was saved before it and that read the same
	// providers: it has no place in the history of its series.
	Late         bool                     `json:"late,omitempty"`
	Failures     map[finding.Severity]int `json:"failures"` // without those that are waived
	Unknown      int                      `json:"unknown"`
	Waived       int                      `json:"waived"`
	CellsPlanned int                      `json:"cells_planned"`
	CellsRead    int                      `json:"cells_read"`
	Resources    int                      `json:"resources"`
	Digests      map[string]string        `json:"digests"`
	HasInventory bool                     `json:"has_inventory,omitempty"`
	ReportDigest string                   `json:"report_digest,omitempty"`
}

// Ref names the run.
func (r RunInfo) Ref() finding.RunRef { return finding.RunRef{ID: r.ID, Time: r.Time} }

// NewID returns an id for a run of the time: its day and second, so that a list reads
// well, and 32 random bits.
func NewID(at time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return at.UTC().Format("20060102-150405-") + hex.EncodeToString(b[:])
}

func infoOf(r Record) RunInfo {
	run := r.Run
	info := RunInfo{
		ID: run.ID, Series: r.Series, Mode: run.Mode, Version: run.Version, Time: run.Time.UTC(), Started: r.Started.UTC(), Ended: r.Ended.UTC(),
		Interrupted: run.Interrupted, Narrowed: r.Asked != nil, WholeProviders: r.Asked != nil && r.WholeProviders, Failures: map[finding.Severity]int{},
		CellsPlanned: run.Coverage.CellsPlanned, CellsRead: run.Coverage.CellsRead, Resources: run.Coverage.Resources,
		Digests: run.Digests, HasInventory: r.Inventory != nil,
	}
	info.Providers = []string{}
	for _, p := range run.Providers {
		if p.Used {
			info.Providers = append(info.Providers, p.Name)
		}
	}
	slices.Sort(info.Providers)
	for _, f := range run.Findings {
		switch {
		case f.Verdict == finding.Unknown:
			info.Unknown++
		case f.Verdict != finding.Fail:
		case f.Waiver != nil:
			info.Waived++
		default:
			info.Failures[f.Severity]++
		}
	}
	return info
}
