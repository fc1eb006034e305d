package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Whoever may tag a resource may choose what stands at the beginning of a line of a build's
// log, where GitHub's runner looks for commands.
func TestNoTextOfARunBecomesACommandOfABuild(t *testing.T) {
	const bad = "::stop-commands::x"
	run := watched()
	for _, list := range [][]finding.Finding{run.Findings, run.Since.Fixed, run.Since.Gone, run.Since.NotVisible} {
		for i := range list {
			f := &list[i]
			f.Owner, f.Message, f.Title, f.Policy, f.Path = bad, bad, bad, bad, bad
			f.Resource.Name, f.Resource.ID, f.Resource.Scope, f.Resource.ScopeName, f.Resource.Region, f.Resource.Provider = bad, bad, bad, bad, bad, bad
		}
	}
	for i := range run.Tallies {
		run.Tallies[i].Owner = bad
	}
	run.Notes = []string{bad}
	command := regexp.MustCompile(`(?m)^\s*::(stop-commands).*$`)
	for _, format := range Formats() {
		for _, o := range []Options{{}, {Width: 60}, {GroupBy: "owner"}, {GroupBy: "account"}, {GroupBy: "policy"}} {
			if line := command.FindString(readable(t, format, render(t, format, o, run))); line != "" {
				t.Errorf("%s, %d columns, by %q: a line is a command: %s", format, o.Width, o.GroupBy, strings.TrimSpace(line))
			}
		}
	}
}
