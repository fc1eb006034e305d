// Package report writes what a run concluded, in the formats that people and
// machines read: a table for a terminal, a page for a browser, JSON to keep and to read
// again, CSV, a workbook, SARIF, OCSF, JUnit, Markdown for a pull request, and what GitHub, GitLab,
// Azure DevOps, Bitbucket, Atlantis and HCP Terraform show beside a change.
//
// One file holds one format. Every format says how much was read and what is
// unknown, because a list of findings without that looks like the whole truth.
//
// The package decides nothing: it neither drops nor regrades a finding, and
// knows neither thresholds nor exit codes. It reads no clock and no environment.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/nearest"
)

// Reporter writes a run in one format.
type Reporter interface {
	// Report writes the run to w.
	//
	// It MUST NOT change the run, nor anything that the run points to. Two calls
	// with equal runs MUST write the same bytes. It MUST say how many cells were
	// read of how many, and MUST NOT show an unknown verdict, or a policy that
	// matched no resource, as if it had passed. Strings of the run come from the
	// accounts that were scanned and are hostile: they MUST NOT reach the reader's
	// terminal, browser, spreadsheet or build log as anything but text.
	// An error of w MUST be returned. A Reporter is safe for concurrent use.
	Report(w io.Writer, run finding.Run) error
}

// Options adjust how a report looks; each format uses those that mean something
// to it. The zero value is plain and complete.
type Options struct {
	Color bool // ANSI colours (table)
	Width int  // columns of the terminal; 0: do not wrap, one line for each finding (table)
	// GroupBy splits the findings into sections: one of GroupBys (table).
	GroupBy string
	// MaxFindings limits how many findings are listed, the worst first; how many
	// were left out is always said. 0 is no limit (table, markdown).
	MaxFindings int
	ToolURL     string // where metsuke is found on the web; "" leaves it out (sarif, ocsf, markdown, gitlab-sast)
	RunURL      string // the page of the job that judges; "" leaves it out (bitbucket, hcp)
	// Blocks reports whether a finding fails the run, so that a format that says passed
	// or failed says what the exit code says, and none calls excused what decides it. nil:
	// every finding that counts, but those that a plan leaves as they were.
	Blocks func(finding.Finding) bool
	// Incomplete says why the run fails whatever was found, such as a coverage below
	// what was asked for; "" is that it does not (markdown, bitbucket, atlantis, hcp).
	Incomplete string
	// MaxBytes is how long a comment may be; 0 is what GitHub takes (markdown).
	MaxBytes int
	// CommentKey makes a comment one that is found again by its CommentMark and that
	// remembers what it said; "" leaves both out. CommentBefore is what the comment that
	// it replaces said; nil is that there was none (markdown).
	CommentKey    string
	CommentBefore *CommentState
	// OmitExcused leaves out what is waived or in the baseline, for readers that do not look
	// at suppressions; how much that is, is said (sarif).
	OmitExcused bool
}

// format is a name and what makes its Reporter.
type format struct {
	name string
	make func(Options) Reporter
}

// formats lists every format in the order in which help shows them.
func formats() []format {
	return []format{
		{"table", func(o Options) Reporter { return tableReporter{o} }},
		{"html", func(Options) Reporter { return htmlReporter{} }},
		{"json", func(Options) Reporter { return jsonReporter{} }},
		{"ndjson", func(Options) Reporter { return ndjsonReporter{} }},
		{"csv", func(Options) Reporter { return csvReporter{} }},
		{"xlsx", func(Options) Reporter { return xlsxReporter{} }},
		{"sarif", func(o Options) Reporter { return sarifReporter{o} }},
		{"ocsf", func(o Options) Reporter { return ocsfReporter{o} }},
		{"junit", func(o Options) Reporter { return junitReporter{o} }},
		{"markdown", func(o Options) Reporter { return markdownReporter{o} }},
		{"github", func(o Options) Reporter { return githubReporter{o} }},
		{"gitlab-codequality", func(o Options) Reporter { return codeQualityReporter{o} }},
		{"gitlab-sast", func(o Options) Reporter { return sastReporter{o} }},
		{"azure", func(o Options) Reporter { return azureReporter{o} }},
		{"bitbucket", func(o Options) Reporter { return bitbucketReporter{o} }},
		{"atlantis", func(o Options) Reporter { return atlantisReporter{o} }},
		{"hcp", func(o Options) Reporter { return hcpReporter{o} }},
	}
}

// Formats returns the names of the formats in the order in which help shows them.
func Formats() []string {
	var out []string
	for _, f := range formats() {
		out = append(out, f.name)
	}
	return out
}

// GroupBys returns the values of Options.GroupBy; "" is no grouping.
func GroupBys() []string { return []string{"", "account", "policy", "owner", "severity"} }

// New returns the Reporter of the format. Its error names the formats and the
// one that was probably meant.
func New(name string, o Options) (Reporter, error) {
	if !slices.Contains(GroupBys(), o.GroupBy) {
		return nil, unknownName("grouping", o.GroupBy, GroupBys()[1:])
	}
	if o.Width < 0 || o.MaxFindings < 0 {
		return nil, fmt.Errorf("a report's width and number of findings cannot be negative")
	}
	for _, f := range formats() {
		if f.name == name {
			return f.make(o), nil
		}
	}
	return nil, unknownName("format", name, Formats())
}

func unknownName(what, got string, known []string) error {
	hint := ""
	if near, ok := nearest.Name(got, known); ok {
		hint = fmt.Sprintf(", did you mean %q?", near)
	}
	return fmt.Errorf("unknown %s %q%s (known: %s)", what, got, hint, strings.Join(known, ", "))
}
