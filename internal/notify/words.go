package notify

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Unowned is what a receiver reads where nobody owns.
const Unowned = "unowned"

// listed is how many findings of a kind a message names.
const listed = 10

// title says in a line what the digest is about: "platform: 3 new, 1 fixed".
func (d Digest) title() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{len(d.New), "new"}, {len(d.Reopened), "reopened"}, {len(d.Unwaived), "not waived any more"}, {len(d.Overdue), "overdue"}, {len(d.Fixed), "fixed"}, {len(d.Gone), "gone"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if d.CellsLost > 0 {
		parts = append(parts, fmt.Sprintf("%s not read any more", cells(d.CellsLost)))
	}
	switch {
	case d.First():
		parts = []string{fmt.Sprintf("first scan, %d open", d.Total())}
	case len(parts) == 0:
		parts = []string{"nothing changed"}
	}
	return d.whose() + ": " + strings.Join(parts, ", ")
}

// whose names whom the digest is about.
func (d Digest) whose() string {
	switch {
	case d.Everything:
		return "Everything"
	case d.Owner == "":
		return Unowned
	}
	return oneLine(d.Owner)
}

// section is a list of findings under a heading.
type section struct {
	heading  string
	findings []finding.Finding
	more     int // that are not listed
}

// sections returns what is news, the most urgent first.
func (d Digest) sections() []section {
	var out []section
	for _, s := range []section{
		{heading: "New", findings: d.New},
		{heading: "Reopened", findings: d.Reopened},
		{heading: "Not waived any more", findings: d.Unwaived},
		{heading: "Overdue", findings: d.Overdue},
		{heading: "Fixed", findings: d.Fixed},
		{heading: "Gone with their resources", findings: d.Gone},
	} {
		n := len(s.findings)
		if n == 0 {
			continue
		}
		s.heading = fmt.Sprintf("%s (%d)", s.heading, n)
		if n > listed {
			s.findings, s.more = s.findings[:listed], n-listed
		}
		out = append(out, s)
	}
	return out
}

// standing says in lines how things are after the run.
func (d Digest) standing() []string {
	var open []string
	for _, s := range finding.Severities() {
		if n := d.Open[s]; n > 0 {
			open = append(open, fmt.Sprintf("%d %s", n, s))
		}
	}
	line := "Open: none"
	if len(open) > 0 {
		line = "Open: " + strings.Join(open, ", ")
	}
	if d.Saving >= 1 {
		line += fmt.Sprintf("; mending them saves about $%.0f a month", d.Saving)
	}
	out := []string{line}
	if d.Unknown > 0 {
		out = append(out, fmt.Sprintf("Could not be judged: %d", d.Unknown))
	}
	if d.NotVisible > 0 {
		out = append(out, fmt.Sprintf("Could not be looked at this time, and so neither open nor fixed: %d", d.NotVisible))
	}
	if d.Interrupted {
		out = append(out, "The scan was interrupted: what it did not reach is as it was.")
	}
	if d.CellsRead < d.CellsPlanned {
		out = append(out, fmt.Sprintf("Read %d of %s", d.CellsRead, cells(d.CellsPlanned)))
	}
	if d.Everything && d.CellsLost > 0 {
		out = append(out, fmt.Sprintf("%s that the run before read could not be read", cells(d.CellsLost)))
	}
	return out
}

// when says of which run the digest is, and of which one before it. The id of the run shows
// a reader that what arrived twice is one message.
func (d Digest) when() string {
	const layout = "2006-01-02 15:04 UTC"
	text := "Scan of " + d.Run.Time.UTC().Format(layout)
	if !d.Before.Time.IsZero() {
		text += ", since that of " + d.Before.Time.UTC().Format(layout)
	}
	return text + "; run " + d.Run.ID
}

// place says where a finding is: the resource, its account and region.
func place(f finding.Finding) string {
	r := f.Resource
	parts := []string{account(r)}
	if r.Region != "" {
		parts = append(parts, r.Region)
	}
	return fmt.Sprintf("%s %s (%s)", r.Type, name(r), strings.Join(parts, ", "))
}

func name(r finding.Resource) string {
	if r.Name != "" {
		return r.Name
	}
	return r.ID
}

func account(r finding.Resource) string {
	if r.ScopeName != "" && r.ScopeName != r.Scope {
		return fmt.Sprintf("%s %s, %s", r.Provider, r.Scope, r.ScopeName)
	}
	return r.Provider + " " + r.Scope
}

func cells(n int) string {
	if n == 1 {
		return "1 cell"
	}
	return fmt.Sprintf("%d cells", n)
}

// cut shortens a text to so many characters as places count them: in units of UTF-16, of
// which some characters take two.
func cut(s string, most int) string {
	units, end := 0, -1 // end is where the text is cut to make room for the ellipsis
	for i, r := range s {
		n := max(utf16.RuneLen(r), 1)
		if end < 0 && units+n > most-1 {
			end = i
		}
		if units += n; units > most {
			return s[:end] + "…"
		}
	}
	return s
}
