package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// sheetsOf returns the sheets of a workbook in their order.
func sheetsOf(run finding.Run, limits xlsxLimits) []xlsxSheet {
	findings := ordered(run)
	sheets := []xlsxSheet{
		summarySheet(run, findings, limits.links), findingsSheet("Findings", findings), coverageSheet(run), waiversSheet(findings), scorecardsSheet(run),
	}
	if len(run.Spend) > 0 {
		sheets = append(sheets, spendSheet(run))
	}
	if changed := changedFindings(run); len(changed) > 0 {
		sheets = append(sheets, changesSheet(changed))
	}
	return sheets
}

// lines is a sheet without a head.
func lines(name string, rows [][]any, widths ...float64) xlsxSheet {
	return xlsxSheet{name: name, widths: widths, n: len(rows), row: func(i int) []any { return rows[i] }}
}

func summarySheet(run finding.Run, findings []finding.Finding, links int) xlsxSheet {
	rows := [][]any{{xlsxTitle(verdictLine(run))}, {origin(run)}, nil}
	if t := run.Totals(); t.Total() > 0 {
		rows = append(rows, []any{fmt.Sprintf("%s: %s.", count(len(run.Policies), "selected policy"), checks(t))})
	}
	for _, line := range coverageLines(run) {
		rows = append(rows, []any{line})
	}
	if money, n := saving(findings); n > 0 {
		rows = append(rows, []any{fmt.Sprintf("Mending %s would save about %s a month.", count(n, "finding"), dollars(money))})
	}
	for _, line := range spendLines(run) {
		rows = append(rows, []any{line})
	}
	if run.IaC != nil {
		rows = append(rows, []any{iacLine(*run.IaC)})
	}
	for _, by := range []struct {
		what    string
		tallies []tally
	}{{"Severity", bySeverity(findings)}, {"Category", byCategory(findings)}, {"Owner", byOwner(findings)}} {
		if len(by.tallies) == 0 {
			continue
		}
		rows = append(rows, nil, []any{xlsxTitle(by.what), xlsxTitle("Failing"), xlsxTitle("Unknown")})
		for _, t := range by.tallies {
			rows = append(rows, []any{cmp.Or(t.Name, nobody), t.Fail, t.Unknown})
		}
	}
	if notes := append(slices.Clone(run.Notes), linkNotes(findings, links)...); len(notes) > 0 {
		rows = append(rows, nil, []any{xlsxTitle("Notes")})
		for _, n := range notes {
			rows = append(rows, []any{n})
		}
	}
	rows = append(rows, nil, []any{xlsxTitle("Run")})
	for _, f := range factsOf(run) {
		rows = append(rows, []any{f.Name, f.Value})
	}
	return lines("Summary", rows, 44, 16, 16)
}

// linkNotes says that not every resource is a link, where that is so.
func linkNotes(findings []finding.Finding, limit int) []string {
	links := 0
	for _, f := range findings {
		if (xlsxLink{address: resourceLink(f.Resource)}).leads() {
			links++
		}
	}
	if links <= limit {
		return nil
	}
	return []string{fmt.Sprintf("On the sheet Findings, the first %s resources of %s link to their pages: Excel takes no more. The HTML report links all of them.", number(limit), number(links))}
}

// findingColumns are the columns of a finding.
func findingColumns() []xlsxColumn {
	return []xlsxColumn{
		{"Severity", 10},
		{"State", 22},
		{"Verdict", 12},
		{"Category", 12},
		{"Policy", 34},
		{"Title", 44},
		{"Message", 60},
		{"Resource", 36},
		{"Type", 28},
		{"Provider", 10},
		{"Account", 16},
		{"Account name", 22},
		{"Region", 15},
		{"Owner", 22},
		{"Written in", 30},
		{"Attribute", 30},
		{"Saving a month", 15},
		{"Reason", 13},
		{"Cure", 34},
		{"Plan", 12},
		{"History", 12},
		{"First seen", 12},
		{"So since", 12},
		{"Came back", 11},
		{"Waived until", 13},
		{"Ticket", 18},
		{"Id", 60},
		{"Fingerprint", 36},
		{"Cause", 44},
	}
}

func findingRow(f finding.Finding, link bool) []any {
	r := f.Resource
	var h finding.History
	if f.History != nil {
		h = *f.History
	}
	var w finding.Waiver
	if f.Waiver != nil {
		w = *f.Waiver
	}
	address := ""
	if link {
		address = resourceLink(r)
	}
	var cameBack any
	if h.Reopened > 0 {
		cameBack = h.Reopened
	}
	return []any{
		string(f.Severity), stateText(f), string(f.Verdict), string(f.Category), f.Policy, f.Title, f.Message,
		xlsxLink{resourceName(r), address},
		string(r.Type), r.Provider, r.Scope, r.ScopeName, r.Region, cmp.Or(ownerText(f), nobody),
		position(r), f.Path, xlsxMoney(f.MonthlyCost), string(f.Reason), cure(string(f.Reason), f.Permission), string(f.Change),
		string(h.Status), xlsxDay(h.FirstSeen), xlsxDay(h.Since), cameBack, dayOf(w.Expires), w.Ticket, r.ID, f.Fingerprint, causeOf(f),
	}
}

// dayOf reads 2026-12-31; what is no day stays a text.
func dayOf(s string) any {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return xlsxDay(t)
}

func findingsSheet(name string, findings []finding.Finding) xlsxSheet {
	if len(findings) == 0 {
		return lines(name, [][]any{{"There are no findings. That says nothing about what could not be read: see the sheet Coverage."}}, 100)
	}
	return xlsxSheet{name: name, head: findingColumns(), n: len(findings), row: func(i int) []any { return findingRow(findings[i], true) }}
}

// coverageSheet has the total first, then what would cure most, every gap, and the
// policies that matched nothing.
func coverageSheet(run finding.Run) xlsxSheet {
	head := []xlsxColumn{
		{"Kind", 18},
		{"What", 44},
		{"Number", 10},
		{"Of", 10},
		{"Unknown verdicts", 17},
		{"Cells not read", 15},
		{"Provider", 10},
		{"Account", 16},
		{"Account name", 22},
		{"Region", 15},
		{"Type", 28},
		{"Id", 50},
		{"Attribute", 26},
		{"Call", 34},
		{"Reason", 13},
		{"Cure", 34},
		{"Error", 60},
	}
	c := run.Coverage
	totals := run.Totals()
	rows := [][]any{
		{"total", "cells that were read", c.CellsRead, c.CellsPlanned},
		{"total", "resources", c.Resources},
		{"total", "verdicts that are unknown", max(totals.Unknown, countOf(run.Findings, finding.Unknown)), totals.Total()},
	}
	if run.Interrupted {
		rows = append(rows, []any{"total", "interrupted before the end: what is missing was not looked at"})
	}
	for _, cure := range c.Cures {
		what := "grant " + cure.Permission
		if cure.Owners > 0 {
			what += ", which tells the " + ownersOf(cure)
		}
		rows = append(rows, []any{"cure", what, nil, nil, cure.Unknowns, cure.Cells})
	}
	for _, g := range c.Gaps {
		what := "listing"
		switch {
		case g.ID != "" || g.Path != "":
			what = "detail of resources"
		case g.Type == "":
			what = "everything"
		}
		rows = append(rows, []any{
			"not read", what, nil, nil, nil, nil, g.Scope.Provider, g.Scope.ID, g.Scope.Name, g.Region, string(g.Type), g.ID, g.Path, g.Call,
			string(g.Reason), cure(string(g.Reason), g.Permission), g.Err,
		})
	}
	for _, id := range run.Unmatched() {
		rows = append(rows, []any{"matched nothing", id + ": neither passed nor failed"})
	}
	return xlsxSheet{name: "Coverage", head: head, n: len(rows), row: func(i int) []any { return rows[i] }}
}

func waiversSheet(findings []finding.Finding) xlsxSheet {
	list := grantedWaivers(findings)
	if len(list) == 0 {
		return lines("Waivers", [][]any{{"No finding is waived."}}, 60)
	}
	head := []xlsxColumn{{"Expires", 12}, {"Reason", 60}, {"Approver", 20}, {"Ticket", 24}, {"Written in", 34}, {"As a comment", 14}, {"Findings", 10}}
	return xlsxSheet{name: "Waivers", head: head, n: len(list), row: func(i int) []any {
		w := list[i]
		comment := "no"
		if w.InSource {
			comment = "yes"
		}
		return []any{dayOf(w.Expires), w.Reason, w.Approver, xlsxLink{w.Ticket, webAddress(w.Ticket)}, waiverPlace(w.Waiver), comment, w.findings}
	}}
}

func scorecardsSheet(run finding.Run) xlsxSheet {
	cards := scorecards(run)
	if len(cards) == 0 {
		return lines("Scorecards", [][]any{{"There are no scores: this run counted no verdicts by owner. Scans do; what judges a plan does not."}}, 90)
	}
	head := []xlsxColumn{{"Of", 12}, {"Name", 36}, {"Passing", 10}, {"Unknown", 10}, {"Pass", 10}, {"Fail", 10}, {"Not judged", 12}, {"Not applicable", 15}}
	if len(run.Earlier) > 0 {
		head = append(head, xlsxColumn{"Points since", 14}, xlsxColumn{"Change in points", 16})
	}
	var rows [][]any
	for _, card := range cards {
		for _, s := range card.scores {
			row := []any{card.of, card.show(s.name), xlsxShare(s.share()), xlsxShare(s.unknownShare()), s.Pass, s.Fail, s.Unknown, s.NotApplicable}
			if by, since, ok := changeOf(card.trends[s.name]); ok {
				row = append(row, since.UTC().Format("2006-01-02"), by)
			}
			rows = append(rows, row)
		}
	}
	return xlsxSheet{name: "Scorecards", head: head, n: len(rows), row: func(i int) []any { return rows[i] }, note: scoresNote()}
}

// changed is a finding and what became of it.
type changed struct {
	what string
	finding.Finding
}

// changedFindings are the findings that changed since the run before, and those that the
// plan mends.
func changedFindings(run finding.Run) []changed {
	var out []changed
	add := func(what string, findings []finding.Finding) {
		for _, f := range findings {
			out = append(out, changed{what, f})
		}
	}
	if s := run.Since; s != nil {
		add("new", madeSince(run, s.New))
		add("reopened", madeSince(run, s.Reopened))
		add("fixed", s.Fixed)
		add("gone", s.Gone)
		add("not visible", s.NotVisible)
	}
	add("fixed by this plan", run.Fixed)
	return out
}

func changesSheet(findings []changed) xlsxSheet {
	head := slices.Concat([]xlsxColumn{{"Change", 18}}, findingColumns())
	return xlsxSheet{name: "Changes", head: head, n: len(findings), row: func(i int) []any {
		return slices.Concat([]any{findings[i].what}, findingRow(findings[i].Finding, false))
	}}
}

// granted is a waiver and how many findings it is of.
type granted struct {
	finding.Waiver
	findings int
}

// grantedWaivers are the waivers of the findings, those first that expire first.
func grantedWaivers(findings []finding.Finding) []granted {
	at := map[finding.Waiver]int{}
	var list []granted
	for _, f := range findings {
		if f.Waiver == nil {
			continue
		}
		i, ok := at[*f.Waiver]
		if !ok {
			i = len(list)
			at[*f.Waiver] = i
			list = append(list, granted{Waiver: *f.Waiver})
		}
		list[i].findings++
	}
	slices.SortStableFunc(list, func(a, b granted) int {
		return cmp.Or(cmp.Compare(a.Expires, b.Expires), strings.Compare(a.Reason, b.Reason))
	})
	return list
}
