package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// htmlTable is a plain table; Label says what it is to those who do not see the heading.
type htmlTable struct {
	Label string
	Head  []htmlHead
	Rows  [][]htmlCell
	Left  string // how many rows are not shown
}

type htmlHead struct {
	Name  string
	Right bool
}

// htmlCell is text, with a severity before it, a link on it, or a second line below.
type htmlCell struct {
	Class, Badge, Text, Dim, Link string
	Away                          bool // the link leaves the page
	Bar                           *htmlShare
	Line                          *htmlLine
}

// htmlShare is a small bar that shows a share in percent.
type htmlShare struct {
	Class string
	W     int
}

// htmlLine is a small line that shows a share over 90 days; Label says it in words.
type htmlLine struct{ Path, Label string }

// rowsShown is how many rows the page's tables have at most; JSON has them all.
const rowsShown = 200

func heads(names ...string) []htmlHead {
	out := make([]htmlHead, len(names))
	for i, n := range names {
		out[i] = htmlHead{Name: n}
		if len(n) > 0 && n[0] == '#' { // a column of numbers
			out[i] = htmlHead{n[1:], true}
		}
	}
	return out
}

func words(s string) htmlCell    { return htmlCell{Text: clean(s)} }
func figure(n int) htmlCell      { return htmlCell{Class: "num", Text: number(n)} }
func coded(s string) htmlCell    { return htmlCell{Class: "code", Text: clean(s)} }
func under(s, d string) htmlCell { return htmlCell{Text: clean(s), Dim: clean(d)} }
func graded(s finding.Severity) htmlCell {
	return htmlCell{Badge: clean(string(s))}
}

// tableOf makes a table with at most rowsShown rows of n things.
func tableOf(label string, head []htmlHead, n int, row func(i int) []htmlCell) *htmlTable {
	t := &htmlTable{Label: label, Head: head}
	for i := range min(n, rowsShown) {
		t.Rows = append(t.Rows, row(i))
	}
	if left := n - rowsShown; left > 0 {
		t.Left = number(left) + " more; the JSON report has them all."
	}
	return t
}

func curesTable(cures []finding.Cure, most int) *htmlTable {
	shown := cures[:min(most, len(cures))]
	head := heads("Permission", "#Unknown verdicts", "#Cells not read")
	owners := slices.ContainsFunc(shown, func(c finding.Cure) bool { return c.Owners > 0 })
	if owners {
		head = heads("Permission", "#Unknown verdicts", "#Cells not read", "#Resources of unknown owner")
	}
	t := tableOf("Permissions that are missing", head, len(shown), func(i int) []htmlCell {
		row := []htmlCell{coded(shown[i].Permission), figure(shown[i].Unknowns), figure(shown[i].Cells)}
		if owners {
			row = append(row, figure(shown[i].Owners))
		}
		return row
	})
	if len(shown) < len(cures) && t.Left == "" {
		t.Left = count(len(cures)-len(shown), "more permission") + " in the section Coverage."
	}
	return t
}

// worstPolicies are the policies whose findings are worst and most.
func worstPolicies(findings []finding.Finding) *htmlTable {
	type worst struct {
		id, title     string
		severity      finding.Severity
		fail, unknown int
	}
	by := map[string]*worst{}
	for i := range findings {
		f := &findings[i]
		if f.Verdict != finding.Fail && f.Verdict != finding.Unknown {
			continue
		}
		w := by[f.Policy]
		if w == nil {
			w = &worst{id: f.Policy, title: f.Title, severity: f.Severity}
			by[f.Policy] = w
		}
		if f.Verdict == finding.Unknown {
			w.unknown++
			continue
		}
		if w.fail == 0 || f.Severity.Rank() < w.severity.Rank() {
			w.severity = f.Severity
		}
		w.fail++
	}
	var list []worst
	for _, w := range by {
		if w.fail > 0 {
			list = append(list, *w)
		}
	}
	slices.SortFunc(list, func(a, b worst) int {
		return cmp.Or(cmp.Compare(a.severity.Rank(), b.severity.Rank()), cmp.Compare(b.fail, a.fail), cmp.Compare(a.id, b.id))
	})
	if len(list) == 0 {
		return nil
	}
	shown := list[:min(charted, len(list))]
	t := tableOf("Policies with the worst findings", heads("Worst", "Policy", "#Failing", "#Unknown"), len(shown), func(i int) []htmlCell {
		w := shown[i]
		return []htmlCell{graded(w.severity), {Text: clean(w.title), Dim: clean(w.id), Link: where("policy", w.id)}, figure(w.fail), figure(w.unknown)}
	})
	if left := len(list) - len(shown); left > 0 {
		t.Left = fmt.Sprintf("%s with failures.", count(left, "more policy"))
	}
	return t
}

// findingsTable lists findings, at most so many; 0 is all of them.
func findingsTable(label string, findings []finding.Finding, most int) *htmlTable {
	all := len(findings)
	if most > 0 {
		findings = findings[:min(most, len(findings))]
	}
	t := &htmlTable{Label: label, Head: heads("Severity", "Finding", "Resource", "Owner", "State")}
	for _, f := range findings {
		place := clean(scopeName(f.Resource.Scope, f.Resource.ScopeName))
		if f.Resource.Region != "" {
			place += ", " + clean(f.Resource.Region)
		}
		if at := position(f.Resource); at != "" {
			place = clean(at)
		}
		link := resourceLink(f.Resource)
		t.Rows = append(t.Rows, []htmlCell{
			graded(f.Severity), under(cmp.Or(f.Message, f.Title), f.Policy),
			{Text: clean(resourceName(f.Resource)), Dim: place, Link: link, Away: true},
			words(cmp.Or(ownerText(f), nobody)), words(stateText(f)),
		})
	}
	if left := all - len(findings); left > 0 {
		t.Left = number(left) + " more; the JSON report has them all."
	}
	return t
}

// stateText says in a few words how a finding stands.
func stateText(f finding.Finding) string {
	switch {
	case f.Verdict == finding.Unknown:
		return "unknown: " + cmp.Or(string(f.Reason), "no reason given")
	case f.Verdict != finding.Fail:
		return string(f.Verdict)
	case excuse(f) != "":
		return excuse(f)
	case f.History != nil:
		return statusText(f.History.Status)
	case f.Change != "":
		return string(f.Change)
	}
	return "failing"
}

func waiversOf(run finding.Run, findings []finding.Finding) *htmlBlock {
	list := grantedWaivers(findings)
	if len(list) == 0 {
		return nil
	}
	soon := ""
	if !run.Time.IsZero() {
		soon = run.Time.AddDate(0, 0, 30).UTC().Format("2006-01-02")
	}
	return &htmlBlock{
		Line: fmt.Sprintf("%s, granted by %s. A waived finding stays a finding; it does not fail a run.", count(waived(findings), "waived finding"), count(len(list), "waiver")),
		Table: tableOf("Waivers", heads("Expires", "Reason", "Approver", "Ticket", "Written in", "#Findings"), len(list), func(i int) []htmlCell {
			w := list[i]
			expires := words(w.Expires)
			if w.Expires <= soon {
				expires.Dim = "within 30 days"
			}
			ticket := words(w.Ticket)
			ticket.Link, ticket.Away = webAddress(w.Ticket), true
			place := waiverPlace(w.Waiver)
			if w.InSource {
				place += " (comment)"
			}
			return []htmlCell{expires, words(w.Reason), words(w.Approver), ticket, coded(place), figure(w.findings)}
		}),
	}
}

func aboutTables(run finding.Run) []htmlTitled {
	var out []htmlTitled
	if len(run.Providers) > 0 {
		out = append(out, htmlTitled{Title: "Providers", Table: tableOf("Providers", heads("Provider", "Took part", "Detail", "#Scopes"), len(run.Providers), func(i int) []htmlCell {
			p := run.Providers[i]
			used := "no"
			if p.Used {
				used = "yes"
			}
			return []htmlCell{words(p.Name), words(used), words(p.Detail), figure(p.Scopes)}
		})})
	}
	if len(run.Scopes) > 0 {
		out = append(out, htmlTitled{Title: "Scopes", Table: tableOf("Scopes", heads("Provider", "Scope", "Name"), len(run.Scopes), func(i int) []htmlCell {
			s := run.Scopes[i]
			return []htmlCell{words(s.Provider), {Class: "code", Text: clean(s.ID), Link: where("account", s.Provider+"/"+s.ID)}, words(s.Name)}
		})})
	}
	return out
}

func iacOf(run finding.Run) *htmlBlock {
	if run.IaC == nil {
		return nil
	}
	c := *run.IaC
	b := &htmlBlock{Line: iacLine(c)}
	add := func(title, note string, t *htmlTable) {
		if len(t.Rows) > 0 {
			b.Tables = append(b.Tables, htmlTitled{title, note, t})
		}
	}
	add("States", "", tableOf("States", heads("State", "#Resources", "Not read because"), len(c.States), func(i int) []htmlCell {
		return []htmlCell{coded(c.States[i].Name), figure(c.States[i].Resources), words(c.States[i].Error)}
	}))
	add("By account", "", managedTable("Account", c.ByAccount))
	add("By owner", "", managedTable("Owner", c.ByOwner))
	add("Unmanaged", "Neither a state nor a tag accounts for them.", tableOf("Unmanaged resources", heads("Resource", "Type", "Account", "Region"), len(c.Unmanaged), func(i int) []htmlCell {
		r := c.Unmanaged[i]
		return []htmlCell{{Text: clean(resourceName(r)), Link: resourceLink(r), Away: true}, coded(string(r.Type)), words(scopeName(r.Scope, r.ScopeName)), words(r.Region)}
	}))
	add("Gone", "In a state, and not there any more.", tableOf("Gone resources", heads("Address", "State"), len(c.Gone), func(i int) []htmlCell {
		return []htmlCell{coded(c.Gone[i].Address), coded(c.Gone[i].State)}
	}))
	return b
}

func managedTable(of string, groups []finding.ManagedGroup) *htmlTable {
	head := heads(of, "#Kept", "", "#Terraform", "#CloudFormation", "#Config Connector", "#Unmanaged", "#Unknown")
	return tableOf("Kept as code, by "+of, head, len(groups), func(i int) []htmlCell {
		g := groups[i]
		kept, bar := number(g.Kept())+" of "+number(g.Total()), htmlCell{Class: "barcell"}
		if share(g.Managed) != "" { // there is none as long as that of some is unknown
			percent := 100 * g.Kept() / g.Total()
			kept, bar.Bar = strconv.Itoa(percent)+" %", &htmlShare{"good", percent}
		}
		return []htmlCell{words(managedName(g)), {Class: "num", Text: kept}, bar, figure(g.Terraform), figure(g.CloudFormation), figure(g.ConfigConnector), figure(g.None), figure(g.Unknown)}
	})
}

func managedName(g finding.ManagedGroup) string {
	if g.OwnerUnknown {
		return finding.UnknownOwner
	}
	return cmp.Or(g.Name, nobody)
}
