package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// changes counts what a plan has to do with the findings that fail.
type changes struct {
	Introduced int `json:"introduced"`
	Existing   int `json:"existing"`
	Fixed      int `json:"fixed"`
}

// countChanges returns nil where nothing is planned, or nothing comes of it.
func countChanges(run finding.Run) *changes {
	introduced, existing, fixed := run.Changed()
	if introduced+existing+fixed == 0 {
		return nil
	}
	return &changes{introduced, existing, fixed}
}

// changeLine says what a plan brings, leaves and mends, "" where nothing is planned.
func changeLine(run finding.Run) string {
	c := countChanges(run)
	if c == nil {
		return ""
	}
	return fmt.Sprintf("introduced %s, already there %s, fixed by this plan %s", number(c.Introduced), number(c.Existing), number(c.Fixed))
}

// headline says how many findings fail: those that a plan brings before those that were
// there already.
func headline(fails []finding.Finding) string {
	brought := those(fails, func(f *finding.Finding) bool { return f.Change == finding.Introduced })
	left := len(those(fails, func(f *finding.Finding) bool { return f.Change == finding.Existing }))
	switch {
	case len(brought)+left < len(fails): // nothing is planned, at least of a part
		return count(len(fails), "finding") + ": " + severities(fails)
	case len(brought) == 0:
		return "Nothing is introduced; " + count(left, "finding") + plural(left, " is", " are") + " already there: " + severities(fails)
	case left == 0:
		return introduced(fails)
	default:
		return introduced(brought) + "; " + number(left) + " already there"
	}
}

func introduced(fails []finding.Finding) string {
	return count(len(fails), "finding") + " introduced: " + severities(fails)
}

// byChange splits failing findings into those of which nothing is planned, those that a
// plan brings and those that it leaves, as far as there are any.
func byChange(fails []finding.Finding) []section {
	with := func(c finding.Change) []finding.Finding {
		return those(fails, func(f *finding.Finding) bool { return f.Change == c })
	}
	parts := []section{{"FAILING", with("")}, {"INTRODUCED", with(finding.Introduced)}, {"ALREADY THERE", with(finding.Existing)}}
	return slices.DeleteFunc(parts, func(s section) bool { return len(s.findings) == 0 })
}

// leaves reports whether a finding was there before the plan, which leaves it, and is
// not held against it.
func leaves(f finding.Finding, o Options) bool {
	return f.Change == finding.Existing && !o.blocks(f)
}

// sentence ends a line that is not empty with a full stop and a space.
func sentence(line string) string {
	if line == "" {
		return ""
	}
	return strings.ToUpper(line[:1]) + line[1:] + ". "
}
