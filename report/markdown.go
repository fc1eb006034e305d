package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// markdownReporter writes a comment for a pull request. GitHub refuses one of
// more than 65,536 characters, so detail is dropped step by step until it fits,
// and what was dropped is said.
type markdownReporter struct{ o Options }

// markdownLimit is in bytes, so it holds however a service counts characters.
const markdownLimit = 65000

// markdownDetail is how much of each part is shown.
type markdownDetail struct {
	findings     int // rows
	remediations int // policies whose remediation is shown
	unknowns     int // groups
	gaps         int // groups
	passes       int // rows
	notes        int
	text         int // columns of one cell
}

// markdownSteps are tried in this order: remedies go first, they are a click
// away; the findings go last.
func markdownSteps(o Options) []markdownDetail {
	const all = 1 << 30
	findings := all
	if o.MaxFindings > 0 {
		findings = o.MaxFindings
	}
	steps := []markdownDetail{
		{findings, all, all, all, all, 50, 600},
		{findings, all, all, all, 0, 50, 600},
		{findings, all, 30, 20, 0, 20, 300},
		{findings, 10, 30, 20, 0, 20, 300},
		{findings, 0, 20, 10, 0, 20, 200},
	}
	for _, n := range []int{500, 300, 200, 150, 100, 50, 20} {
		steps = append(steps, markdownDetail{min(findings, n), 0, 10, 5, 0, 10, 120})
	}
	// However hostile the strings are, the last one fits.
	steps = append(steps, markdownDetail{min(findings, 5), 0, 5, 5, 0, 5, 60}, markdownDetail{0, 0, 0, 0, 0, 1, 60})
	return steps
}

// markdownData is what every attempt shows more or less of.
type markdownData struct {
	run             finding.Run
	findings, fails []finding.Finding
	passes          []finding.Finding
	unknowns        []unknownGroup
	gaps            []gapGroup
	parts           int // gaps that are parts of resources
}

func (r markdownReporter) Report(w io.Writer, run finding.Run) error {
	m := markdownData{run: run, findings: ordered(run)}
	m.fails = of(m.findings, finding.Fail)
	m.passes = of(m.findings, finding.Pass, finding.NotApplicable)
	m.unknowns = unknownGroups(m.findings)
	m.gaps, m.parts = gapGroups(run.Coverage.Gaps)
	var text string
	for _, d := range markdownSteps(r.o) {
		if text = r.render(m, d); len(text) <= markdownLimit {
			return write(w, []byte(text))
		}
	}
	return fmt.Errorf("render report: %d bytes of markdown remain without any detail, %d are allowed", len(text), markdownLimit)
}

// render writes the comment: the verdict, the numbers, the findings, then what
// folds away, and at last the coverage, which never goes.
func (r markdownReporter) render(m markdownData, d markdownDetail) string {
	var b strings.Builder
	run := m.run
	fmt.Fprintf(&b, "## metsuke: %s\n\n", escapeMarkdown(verdictLine(run)))
	fmt.Fprintf(&b, "%s. %s\n", escapeMarkdown(origin(run)), markdownTotals(run))
	if run.Interrupted {
		b.WriteString("\n> [!WARNING]\n> The run was interrupted: this is what had been read until then.\n")
	}
	markdownNumbers(&b, m)
	markdownFindings(&b, m, d)
	markdownRemedies(&b, m, d)
	markdownUnknowns(&b, m, d)
	markdownGaps(&b, m, d)
	markdownPasses(&b, m, d)
	markdownNotes(&b, run, d)

	fmt.Fprintf(&b, "\n**Coverage.** %s\n", escapeMarkdown(coverageLine(run)))
	heading, lines := cureLines(run)
	fmt.Fprintf(&b, "%s\n", escapeMarkdown(heading))
	for i, c := range run.Coverage.Cures[:len(lines)] {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%d. %s (%s)\n", i+1, code(c.Permission, 200), cureEffect(c))
	}
	if r.o.ToolURL != "" {
		fmt.Fprintf(&b, "\n<sub>[metsuke](%s) %s</sub>\n", markdownURL(r.o.ToolURL), escapeMarkdown(run.Version))
	}
	return b.String()
}

func markdownTotals(run finding.Run) string {
	if run.Totals().Total() == 0 {
		return "No policy matched any resource."
	}
	s := count(len(run.Policies), "policy") + ": " + checks(run.Totals()) + "."
	if money, n := saving(run.Findings); n > 0 {
		s += fmt.Sprintf(" Mending %s would save about **%s a month**.", count(n, "finding"), escapeMarkdown(dollars(money)))
	}
	return s
}

func markdownNumbers(b *strings.Builder, m markdownData) {
	if len(m.fails)+len(m.unknowns) == 0 {
		return
	}
	b.WriteString("\n| Severity | Fail | Unknown |\n|:--|--:|--:|\n")
	for _, t := range bySeverity(m.findings) {
		fmt.Fprintf(b, "| %s | %s | %s |\n", badge(finding.Severity(t.Name)), number(t.Fail), number(t.Unknown))
	}
}

// badge writes a severity with a colour that Markdown can show.
func badge(s finding.Severity) string {
	dot := map[finding.Severity]string{finding.Critical: "🟣", finding.High: "🔴", finding.Medium: "🟠", finding.Low: "🔵"}[s]
	return strings.TrimSpace(dot + " " + escapeMarkdown(string(s)))
}

func markdownFindings(b *strings.Builder, m markdownData, d markdownDetail) {
	if len(m.fails) == 0 {
		return
	}
	shown := m.fails[:min(d.findings, len(m.fails))]
	if len(shown) > 0 {
		b.WriteString("\n### Findings\n\n| Severity | Resource | Finding |\n|:--|:--|:--|\n")
	}
	for _, f := range shown {
		if b.Len() > markdownLimit {
			return // a later attempt shows fewer
		}
		cell := escapeMarkdown(cut(clean(f.Message), d.text))
		if f.MonthlyCost > 0 {
			cell += " (" + escapeMarkdown(dollars(f.MonthlyCost)) + " a month)"
		}
		if why := excuse(f); why != "" {
			cell += "<br>" + escapeMarkdown(cut(clean(why), d.text))
		}
		fmt.Fprintf(b, "| %s | %s | %s<br>%s |\n", badge(f.Severity), markdownResource(f, d.text), cell, code(f.Policy, 120))
	}
	if left := m.fails[len(shown):]; len(left) > 0 {
		fmt.Fprintf(b, "\n**%s more not listed here:** %s. Another format has them all.\n", count(len(left), "finding"), severities(left))
	}
}

// markdownResource names a resource and the place where it is.
func markdownResource(f finding.Finding, most int) string {
	r := f.Resource
	s := code(resourceName(r), most)
	if !strings.Contains(resourceName(r), string(r.Type)) {
		s = code(string(r.Type), 80) + " " + s
	}
	where := position(r)
	if where == "" {
		where = strings.TrimSpace(scopeName(r.Scope, r.ScopeName) + " " + r.Region)
	}
	s += "<br>" + code(where, most)
	if f.Owner != "" {
		s += ", owner " + code(f.Owner, 80)
	}
	return s
}

// fold writes a part that is closed until somebody opens it.
func fold(b *strings.Builder, title, body string) {
	if body != "" {
		fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n%s\n</details>\n", title, body)
	}
}

func markdownRemedies(b *strings.Builder, m markdownData, d markdownDetail) {
	byID := policies(m.run)
	var body strings.Builder
	seen := map[string]bool{}
	shown, left := 0, 0
	for _, f := range m.fails {
		p, ok := byID[f.Policy]
		if !ok || seen[f.Policy] || p.Remediation == "" {
			continue
		}
		seen[f.Policy] = true
		if shown >= d.remediations {
			left++
			continue
		}
		shown++
		fmt.Fprintf(&body, "**%s** %s\n\n", escapeMarkdown(clean(p.Title)), code(p.ID, 120))
		if p.Description != "" {
			body.WriteString(escapeMarkdown(cut(clean(p.Description), 1000)) + "\n\n")
		}
		body.WriteString(markdownBlock(p.Remediation) + "\n")
	}
	switch {
	case shown == 0 && left > 0:
		fmt.Fprintf(b, "\nHow to mend it is left out for %s; `metsuke policies show ID` tells.\n", count(left, "policy"))
		return
	case left > 0:
		fmt.Fprintf(&body, "%s more left out; `metsuke policies show ID` tells.\n", count(left, "policy"))
	}
	fold(b, "How to mend it ("+count(shown, "policy")+")", body.String())
}

func markdownUnknowns(b *strings.Builder, m markdownData, d markdownDetail) {
	if len(m.unknowns) == 0 {
		return
	}
	var body strings.Builder
	body.WriteString("Neither pass nor fail: something that decides could not be read.\n\n| Count | Severity | Policy | Reason | Not read | Cure |\n|--:|:--|:--|:--|:--|:--|\n")
	shown := m.unknowns[:min(d.unknowns, len(m.unknowns))]
	for _, g := range shown {
		notRead := some(g.Paths, 4)
		if notRead == "" {
			notRead = g.Message
		}
		fmt.Fprintf(&body, "| %s | %s | %s | %s | %s | %s |\n", number(g.Count), badge(g.Severity), code(g.Policy, 120), escapeMarkdown(clean(string(g.Reason))),
			code(notRead, min(d.text, 200)), escapeMarkdown(cut(clean(cure(string(g.Reason), g.Permission)), 200)))
	}
	if left := m.unknowns[len(shown):]; len(left) > 0 {
		n := 0
		for _, g := range left {
			n += g.Count
		}
		fmt.Fprintf(&body, "\n%s more in %s not listed here.\n", count(n, "verdict"), count(len(left), "group"))
	}
	fold(b, count(len(of(m.findings, finding.Unknown)), "unknown verdict"), body.String())
}

func markdownGaps(b *strings.Builder, m markdownData, d markdownDetail) {
	if len(m.run.Coverage.Gaps) == 0 {
		return
	}
	var body strings.Builder
	shown := m.gaps[:min(d.gaps, len(m.gaps))]
	for _, g := range shown {
		fmt.Fprintf(&body, "- %s, %s\n", escapeMarkdown(cut(g.sentence(), d.text)), count(g.Count, "time"))
	}
	if left := len(m.gaps) - len(shown); left > 0 {
		fmt.Fprintf(&body, "- %s more not listed here\n", count(left, "cause"))
	}
	if m.parts > 0 {
		fmt.Fprintf(&body, "- %s of resources\n", count(m.parts, "detail"))
	}
	fold(b, count(len(m.run.Coverage.Gaps), "gap")+" in what was read", body.String())
}

func markdownPasses(b *strings.Builder, m markdownData, d markdownDetail) {
	if len(m.passes) == 0 {
		return
	}
	var body strings.Builder
	shown := m.passes[:min(d.passes, len(m.passes))]
	for _, f := range shown {
		fmt.Fprintf(&body, "- %s: %s %s\n", strings.ReplaceAll(string(f.Verdict), "_", " "), code(f.Policy, 120), code(resourceName(f.Resource), d.text))
	}
	if left := len(m.passes) - len(shown); left > 0 {
		fmt.Fprintf(&body, "- %s more not listed here\n", count(left, "check"))
	}
	fold(b, "Passed, as asked for ("+count(len(m.passes), "check")+")", body.String())
}

func markdownNotes(b *strings.Builder, run finding.Run, d markdownDetail) {
	var notes []string
	if s := unmatchedLine(run); s != "" {
		notes = append(notes, s)
	}
	notes = append(notes, run.Notes...)
	if len(notes) == 0 {
		return
	}
	b.WriteByte('\n')
	for _, n := range notes[:min(d.notes, len(notes))] {
		fmt.Fprintf(b, "- %s\n", escapeMarkdown(cut(clean(n), 2*d.text)))
	}
	if left := len(notes) - d.notes; left > 0 {
		fmt.Fprintf(b, "- %s more not listed here\n", count(left, "note"))
	}
}
