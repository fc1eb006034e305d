package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// githubReporter writes workflow commands, which GitHub Actions shows as
// annotations: https://docs.github.com/actions/reference/workflow-commands.
// Critical and high are errors, medium is a warning, low a notice; what is
// unknown is a warning for each cause, because it is not a pass. What does not count is
// a notice, such as what a plan leaves as it was, and what is only warned of no more than a warning.
//
// GitHub shows the first ten of each level of a step; so the worst come first,
// and among the notices the one about coverage.
type githubReporter struct{ o Options }

// annotations is how many of each level GitHub shows for one step.
const annotations = 10

func (r githubReporter) Report(w io.Writer, run finding.Run) error {
	findings := ordered(run)
	levels := map[string][]string{}
	add := func(level, properties, message string) {
		levels[level] = append(levels[level], "::"+level+" "+properties+"::"+escapeData(message)+"\n")
	}
	for _, f := range of(findings, finding.Fail) {
		title := fmt.Sprintf("%s: %s", f.Severity, f.Policy)
		message := f.Title + "\n" + resourceLine(f.Resource) + ": " + clean(f.Message)
		if f.MonthlyCost > 0 {
			message += " (" + dollars(f.MonthlyCost) + " a month)"
		}
		if why := excuse(f); why != "" {
			message += "\n" + clean(why)
		}
		if f.Change == finding.Existing {
			title += " (already there)"
		}
		add(githubFinding(f, r.o), place(f.Resource)+"title="+escapeProperty(title), message)
	}
	for _, u := range unknownGroups(findings) {
		message := fmt.Sprintf("%s\n%s: %s", u.Title, count(u.Count, "verdict"), clean(string(u.Reason)))
		if len(u.Paths) > 0 {
			message += ", " + clean(some(u.Paths, 4)) + " could not be read"
		}
		if c := cure(string(u.Reason), u.Permission); c != "" {
			message += " (" + clean(c) + ")"
		}
		add("warning", "title="+escapeProperty("unknown: "+u.Policy), message)
	}
	var b bytes.Buffer
	b.WriteString("::notice title=metsuke::" + escapeData(githubCoverage(run, levels)) + "\n")
	for _, level := range []string{"error", "warning", "notice"} {
		b.WriteString(strings.Join(levels[level], ""))
	}
	return write(w, b.Bytes())
}

// githubCoverage is the text of the first notice.
func githubCoverage(run finding.Run, levels map[string][]string) string {
	text := []string{verdictLine(run) + ".", strings.TrimSpace(sentence(changeLine(run)) + coverageLine(run))}
	text = append(text, sinceLines(run)...)
	heading, lines := cureLines(run)
	text = append(text, heading)
	text = append(text, lines...)
	if s := unmatchedLine(run); s != "" {
		text = append(text, s)
	}
	groups, _ := gapGroups(run.Coverage.Gaps)
	for _, g := range groups[:min(5, len(groups))] {
		text = append(text, "Not read: "+g.sentence())
	}
	if slices.ContainsFunc([]string{"error", "warning"}, func(l string) bool { return len(levels[l]) > annotations }) || len(levels["notice"]) >= annotations {
		text = append(text, fmt.Sprintf("GitHub shows %d annotations of each level; all of them are in the log of this step.", annotations))
	}
	return strings.Join(text, "\n")
}

// githubFinding is the level of a failing finding.
func githubFinding(f finding.Finding, o Options) string {
	level := githubLevel(f.Severity)
	switch {
	case leaves(f, o):
		return "notice"
	case f.Counts():
		return level
	case f.Waiver == nil && !f.Baseline && level == "error":
		return "warning"
	case f.Waiver == nil && !f.Baseline:
		return level
	}
	return "notice"
}

func githubLevel(s finding.Severity) string {
	switch s {
	case finding.Critical, finding.High:
		return "error"
	case finding.Medium:
		return "warning"
	default:
		return "notice"
	}
}

// place writes the properties that put an annotation beside a line of code.
func place(r finding.Resource) string {
	if r.Source == nil || r.Source.File == "" {
		return ""
	}
	s := "file=" + escapeProperty(r.Source.File) + ","
	if r.Source.Line > 0 {
		s += "line=" + strconv.Itoa(r.Source.Line) + ","
	}
	return s
}

// resourceLine names a resource and where it is on one line.
func resourceLine(r finding.Resource) string {
	s := resourceName(r)
	if !strings.Contains(s, string(r.Type)) {
		s = string(r.Type) + " " + s
	}
	if r.Source == nil {
		s += " in " + scopeName(r.Scope, r.ScopeName)
		if r.Region != "" {
			s += " " + r.Region
		}
	}
	return clean(s)
}

// escapeData escapes a message the way GitHub's runner undoes. Line breaks that
// the caller wrote stay; strings of the run were cleaned of theirs.
func escapeData(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(strings.Join(lines, "\n"))
}

// escapeProperty escapes a property, in which colons and commas mean something.
func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(clean(s))
}
