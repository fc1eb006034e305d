package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// blocks reports whether the finding fails the run.
func (o Options) blocks(f finding.Finding) bool {
	if o.Blocks != nil {
		return o.Blocks(f)
	}
	return f.Counts() && f.Change != finding.Existing
}

// blocking returns the findings that fail the run, in their order.
func (o Options) blocking(findings []finding.Finding) []finding.Finding {
	var out []finding.Finding
	for _, f := range findings {
		if o.blocks(f) {
			out = append(out, f)
		}
	}
	return out
}

// blocked reports whether the run fails. One that was interrupted never passed.
func (o Options) blocked(run finding.Run) bool {
	return o.why(run) != ""
}

// passedOrFailed says in one sentence whether the run passes.
func (o Options) passedOrFailed(run finding.Run) string {
	if why := o.why(run); why != "" {
		return "Failed: " + why
	}
	return "Passed: nothing blocks"
}

// why says what fails the run, "" if nothing does.
func (o Options) why(run finding.Run) string {
	var why []string
	if n := len(o.blocking(run.Findings)); n > 0 {
		why = append(why, count(n, "finding")+plural(n, " blocks", " block"))
	}
	if o.Incomplete != "" {
		why = append(why, o.Incomplete)
	}
	if run.Interrupted {
		why = append(why, "the run was interrupted")
	}
	return clean(strings.Join(why, "; "))
}

// countingFirst puts the findings that are not held against anybody behind the others, so that
// limits cut them off first. Nobody may change what it returns.
func (o Options) countingFirst(findings []finding.Finding) []finding.Finding {
	held := those(findings, func(f *finding.Finding) bool { return o.notHeld(*f) == "" })
	if len(held) == len(findings) || len(held) == 0 {
		return findings
	}
	return slices.Concat(held, those(findings, func(f *finding.Finding) bool { return o.notHeld(*f) != "" }))
}

// notHeld says why a finding that fails is not held against whoever makes the change:
// something excuses it, or it was there already and does not block. It is "" where it is.
func (o Options) notHeld(f finding.Finding) string {
	if e := excuse(f); e != "" {
		return clean(e)
	}
	if leaves(f, o) {
		return "there already, and the plan leaves it"
	}
	return ""
}

// unknownLine says in one sentence what a group of unknown verdicts lacks.
func unknownLine(g unknownGroup) string {
	s := count(g.Count, "verdict") + plural(g.Count, " is", " are") + " unknown: " + string(g.Reason)
	if len(g.Paths) > 0 {
		s += ", " + some(g.Paths, 4) + " could not be read"
	} else if g.Message != "" {
		s += ", " + g.Message
	}
	if c := cure(string(g.Reason), g.Permission); c != "" {
		s += " (" + c + ")"
	}
	return clean(s)
}

// coverageLines say what a plan changes, how much was read, what changed since the run before, what
// would cure what was not read, and which policies never ran: what every format has to say besides
// its findings.
func coverageLines(run finding.Run) []string {
	heading, cures := cureLines(run)
	lines := append([]string{strings.TrimSpace(sentence(changeLine(run)) + coverageLine(run))}, sinceLines(run)...)
	lines = append(append(lines, heading), cures...)
	if s := unmatchedLine(run); s != "" {
		lines = append(lines, s)
	}
	const most = 5
	groups, _ := gapGroups(run.Coverage.Gaps)
	for _, g := range groups[:min(most, len(groups))] {
		lines = append(lines, "Not read: "+g.sentence())
	}
	if left := len(groups) - most; left > 0 {
		lines = append(lines, fmt.Sprintf("%s more for which something was not read.", count(left, "cause")))
	}
	return lines
}
