package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// azureReporter writes logging commands, which Azure Pipelines shows as issues of the
// build: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands.
// Critical and high are errors, everything else that fails is a warning, and so is
// what is unknown, once for each cause: there is no third level. A finding that does
// not count is a warning that says why.
//
// The build shows the first ten errors and warnings of a step; so the worst come first.
// The coverage is plain text in the log, and a warning besides where it is not whole.
type azureReporter struct{ o Options }

func (r azureReporter) Report(w io.Writer, run finding.Run) error {
	findings := ordered(run)
	issues := map[string]int{}
	var b, warnings, excused bytes.Buffer // in this order
	issue := func(to *bytes.Buffer, level, properties, message string) {
		issues[level]++
		fmt.Fprintf(to, "##vso[task.logissue type=%s;%s]%s\n", level, properties, escapeAzure(message))
	}
	if !run.Coverage.Complete() || run.Interrupted {
		issue(&warnings, "warning", "code=metsuke-coverage", coverageLine(run))
	}
	for _, f := range of(findings, finding.Fail) {
		to, level := &warnings, "warning"
		message := string(f.Severity) + ": " + f.Title + ": " + resourceLine(f.Resource) + ": " + f.Message
		if e := r.o.notHeld(f); e != "" {
			message += " (" + e + ")"
			to = &excused
		} else if githubLevel(f.Severity) == "error" {
			to, level = &b, "error"
		}
		issue(to, level, azurePlace(f), message)
	}
	for _, g := range unknownGroups(findings) {
		issue(&warnings, "warning", "code="+escapeAzure(g.Policy), g.Title+": "+unknownLine(g))
	}
	b.Write(warnings.Bytes())
	b.Write(excused.Bytes())
	fmt.Fprintf(&b, "%s.\n%s\n", clean(verdictLine(run)), strings.Join(coverageLines(run), "\n"))
	if max(issues["error"], issues["warning"]) > annotations {
		fmt.Fprintf(&b, "Azure Pipelines shows %d issues of each level; all of them are in the log of this step.\n", annotations)
	}
	return write(w, b.Bytes())
}

// azurePlace writes the properties of an issue: its place, and the policy as its code.
func azurePlace(f finding.Finding) string {
	var s string
	if r := f.Resource; r.Source != nil && r.Source.File != "" {
		s = "sourcepath=" + escapeAzure(r.Source.File) + ";"
		if r.Source.Line > 0 {
			s += "linenumber=" + strconv.Itoa(r.Source.Line) + ";"
		}
	}
	return s + "code=" + escapeAzure(f.Policy)
}

// escapeAzure escapes a property or a message the way the agent undoes, the percent
// sign first: CommandStringConvertor in https://github.com/microsoft/azure-pipelines-agent.
func escapeAzure(s string) string {
	return strings.NewReplacer("%", "%AZP25", ";", "%3B", "\r", "%0D", "\n", "%0A", "]", "%5D").Replace(clean(s))
}
