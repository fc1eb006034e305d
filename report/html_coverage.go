package report

import (
	"cmp"
	"fmt"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// coverageOf says how much was read, what was not, and what would cure it.
func coverageOf(run finding.Run, findings []finding.Finding) *htmlCoverage {
	c := &htmlCoverage{Line: coverageLine(run)}
	if run.Coverage.CellsPlanned > 0 {
		c.Read = min(1000, 1000*run.Coverage.CellsRead/run.Coverage.CellsPlanned)
	}
	add := func(title, note string, t *htmlTable) { c.Tables = append(c.Tables, htmlTitled{title, note, t}) }
	if cures := run.Coverage.Cures; len(cures) > 0 {
		add("What would cure it", "Permissions, the most useful first.", curesTable(cures, rowsShown))
	}
	groups, parts := gapGroups(run.Coverage.Gaps)
	if len(groups) > 0 {
		add("Not read", "Whatever is there was not judged.", tableOf("What was not read", heads("#Listings", "What", "Where", "Reason", "Call", "Cure"), len(groups), func(i int) []htmlCell {
			g := groups[i]
			return []htmlCell{figure(g.Count), coded(g.what()), words(g.where()), words(string(g.Reason)), coded(g.Call), words(cmp.Or(cure(string(g.Reason), g.Permission), g.Err))}
		}))
	}
	unknowns := unknownGroups(findings)
	note := "Neither a pass nor a fail: something that decides could not be read."
	if parts > 0 {
		note += fmt.Sprintf(" %s of resources could not be read.", count(parts, "detail"))
	}
	if len(unknowns) > 0 {
		add("Unknown verdicts", note, tableOf("Unknown verdicts", heads("#Verdicts", "Severity", "Policy", "Reason", "Not read", "Cure"), len(unknowns), func(i int) []htmlCell {
			u := unknowns[i]
			return []htmlCell{
				figure(u.Count), graded(u.Severity),
				{Text: clean(u.Title), Dim: clean(u.Policy), Link: where("policy", u.Policy, "state", "unknown")},
				words(string(u.Reason)), words(cmp.Or(some(u.Paths, 4), u.Message)), words(cure(string(u.Reason), u.Permission)),
			}
		}))
	}
	return c
}

// changesOf says what changed since the run before, and what a plan mends.
func changesOf(run finding.Run) *htmlBlock {
	b := &htmlBlock{Title: "Changes"}
	add := func(title, note string, t *htmlTable) {
		if len(t.Rows) > 0 {
			b.Tables = append(b.Tables, htmlTitled{title, note, t})
		}
	}
	list := func(title, note string, findings []finding.Finding) {
		add(title+" ("+number(len(findings))+")", note, findingsTable(title, findings, rowsShown))
	}
	b.Line = changeLine(run)
	if b.Line != "" {
		b.Line = sentence(b.Line)
	}
	if s := run.Since; s != nil {
		b.Line += sinceLine(*s)
		list("New", "They never failed before.", madeSince(run, s.New))
		list("Reopened", "They were fixed or gone before.", madeSince(run, s.Reopened))
		list("Fixed", "The policy judged the resource again, and this is not wrong any more.", s.Fixed)
		list("Gone", "The resource is not there any more, where everything was read.", s.Gone)
		list("Not visible", "They could not be looked at this time, so they may still be there.", s.NotVisible)
		add("Cells read again", "", cellsTable(s.CellsGained))
		add("Cells lost", "The last run read them and this one did not.", cellsTable(s.CellsLost))
	}
	list("Fixed by this plan", "It is wrong in what is there, and the planned resources do not have it.", run.Fixed)
	if b.Line == "" && len(b.Tables) == 0 {
		return nil
	}
	return b
}

func cellsTable(cells []providers.Cell) *htmlTable {
	return tableOf("Cells", heads("Account", "Region", "Type"), len(cells), func(i int) []htmlCell {
		c := cells[i]
		return []htmlCell{under(scopeName(c.Scope.ID, c.Scope.Name), c.Scope.Provider), words(c.Region), coded(string(c.Type))}
	})
}
