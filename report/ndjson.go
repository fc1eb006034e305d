package report

import (
	"bytes"
	"io"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ndjsonReporter writes one JSON object on each line, for tools that read line
// by line: a run line, then policies, findings, what a plan fixes, what changed since the
// run before, and gaps, and at last a coverage line. A stream that does not end in a coverage line is not whole. Its schema
// is $defs/line of docs/schema/report.v1.json.
type ndjsonReporter struct{}

type lineRun struct {
	Kind        string                   `json:"kind"`
	ID          string                   `json:"id,omitempty"`
	Version     int                      `json:"version"`
	Metsuke     string                   `json:"metsuke_version"`
	Mode        string                   `json:"mode"`
	Time        time.Time                `json:"time"`
	Interrupted bool                     `json:"interrupted,omitempty"`
	Providers   []finding.ProviderStatus `json:"providers"`
	Scopes      []providers.Scope        `json:"scopes"`
	Digests     map[string]string        `json:"digests"`
	Notes       []string                 `json:"notes,omitempty"`
}

type linePolicy struct {
	Kind string `json:"kind"`
	finding.Policy
}

type lineFinding struct {
	Kind string `json:"kind"`
	caused
}

// lineSince says what changed since the run before; what that made and this one did not
// follows, a line for each.
type lineSince struct {
	Kind        string           `json:"kind"`
	Run         finding.RunRef   `json:"run"`
	New         []string         `json:"new"`
	Reopened    []string         `json:"reopened"`
	Fixed       int              `json:"fixed"`
	Gone        int              `json:"gone"`
	NotVisible  int              `json:"not_visible"`
	CellsGained []providers.Cell `json:"cells_gained"`
	CellsLost   []providers.Cell `json:"cells_lost"`
}

type lineGap struct {
	Kind string `json:"kind"`
	providers.Gap
}

type lineCoverage struct {
	Kind         string         `json:"kind"`
	CellsPlanned int            `json:"cells_planned"`
	CellsRead    int            `json:"cells_read"`
	Resources    int            `json:"resources"`
	Gaps         int            `json:"gaps"`
	Cures        []finding.Cure `json:"cures"`
	Interrupted  bool           `json:"interrupted,omitempty"`
	Summary      summary        `json:"summary"`
}

func (ndjsonReporter) Report(w io.Writer, run finding.Run) error {
	run = filled(run)
	lines := []any{lineRun{
		Kind: "run", ID: run.ID, Version: Version, Metsuke: run.Version, Mode: run.Mode, Time: run.Time, Interrupted: run.Interrupted,
		Providers: run.Providers, Scopes: run.Scopes, Digests: run.Digests, Notes: run.Notes,
	}}
	for _, p := range run.Policies {
		lines = append(lines, linePolicy{"policy", p})
	}
	for _, f := range run.Findings {
		lines = append(lines, lineFinding{"finding", caused{f, causeOf(f)}})
	}
	for _, f := range run.Fixed {
		lines = append(lines, lineFinding{"fixed", caused{Finding: f}})
	}
	if s := run.Since; s != nil {
		lines = append(lines, lineSince{
			Kind: "since", Run: s.Run, New: orEmpty(s.New), Reopened: orEmpty(s.Reopened), Fixed: len(s.Fixed), Gone: len(s.Gone), NotVisible: len(s.NotVisible),
			CellsGained: orEmpty(s.CellsGained), CellsLost: orEmpty(s.CellsLost),
		})
	}
	for _, part := range endedSince(run) {
		for _, f := range part.findings {
			lines = append(lines, lineFinding{part.words, caused{Finding: f}})
		}
	}
	for _, g := range run.Coverage.Gaps {
		lines = append(lines, lineGap{"gap", g})
	}
	lines = append(lines, lineCoverage{
		Kind: "coverage", CellsPlanned: run.Coverage.CellsPlanned, CellsRead: run.Coverage.CellsRead, Resources: run.Coverage.Resources,
		Gaps: len(run.Coverage.Gaps), Cures: run.Coverage.Cures, Interrupted: run.Interrupted, Summary: summarise(run),
	})
	var b bytes.Buffer
	for _, l := range lines {
		line, err := marshal(l, "")
		if err != nil {
			return err
		}
		b.Write(line)
	}
	return write(w, b.Bytes())
}
