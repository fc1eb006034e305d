package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// markdownReporter writes a comment for a pull request. It leads with what to do: whether
// the change is blocked, what it brings and how to mend that, by file; everything else
// folds away.
//
// GitHub refuses a comment of more than 65,536 characters, so detail is dropped step by
// step until it fits, and what was dropped is said.
type markdownReporter struct{ o Options }

// markdownLimit is in bytes, so it holds however a service counts characters.
const markdownLimit = 65000

// markdownDetail is how much of each part is shown.
type markdownDetail struct {
	findings int // to mend
	remedies int // policies whose remediation is shown
	others   int // findings in each of the parts that fold away
	unknowns int // groups
	gaps     int // groups
	passes   int
	notes    int
	text     int // columns of one text
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
		{findings, all, all, all, all, all, 50, 600},
		{findings, all, 200, all, all, 0, 50, 600},
		{findings, all, 50, 30, 20, 0, 20, 300},
		{findings, 10, 50, 30, 20, 0, 20, 300},
		{findings, 3, 20, 20, 10, 0, 20, 300},
		{findings, 0, 20, 20, 10, 0, 20, 200},
	}
	for _, n := range []int{500, 300, 200, 150, 100, 50, 20} {
		steps = append(steps, markdownDetail{min(findings, n), 0, 10, 10, 5, 0, 10, 120})
	}
	// However hostile the strings are, the last one fits.
	return append(steps, markdownDetail{min(findings, 5), 0, 3, 5, 5, 0, 5, 60}, markdownDetail{0, 0, 0, 0, 0, 0, 1, 60})
}

// markdownData is what every attempt shows more or less of.
type markdownData struct {
	o        Options
	run      finding.Run
	policies map[string]finding.Policy
	mend     []finding.Finding // fail, and are held against the change
	aside    []markdownPart    // fail or are fixed, and fold away
	unknown  int
	unknowns []unknownGroup
	passes   []finding.Finding
	gaps     []gapGroup
	parts    int // gaps that are parts of resources
}

// markdownPart is findings that fold away under a title.
type markdownPart struct {
	one      string // "waived", after their number
	findings []finding.Finding
}

func newMarkdownData(o Options, run finding.Run) markdownData {
	m := markdownData{o: o, run: run, policies: policies(run)}
	var existing, waived, baseline, warned []finding.Finding
	for _, f := range ordered(run) {
		switch {
		case f.Verdict == finding.Unknown:
			m.unknown++
		case f.Verdict != finding.Fail:
			m.passes = append(m.passes, f)
		case f.Waiver != nil:
			waived = append(waived, f)
		case f.Baseline:
			baseline = append(baseline, f)
		case f.WarnUntil != "":
			warned = append(warned, f)
		case f.Change == finding.Existing && !o.blocks(f):
			existing = append(existing, f)
		default:
			m.mend = append(m.mend, f)
		}
	}
	m.aside = []markdownPart{
		{"there already, which this plan leaves as it was", existing},
		{"mended by this plan", run.Fixed},
		{"waived", waived},
		{"in the baseline", baseline},
		{"only warned of, because the policy is new", warned},
	}
	if s := run.Since; s != nil {
		m.aside = append(m.aside,
			markdownPart{"fixed since the run before", s.Fixed}, markdownPart{"gone with their resources since the run before", s.Gone},
			markdownPart{"not visible any more, which may still be there", s.NotVisible})
	}
	m.unknowns = unknownGroups(run.Findings)
	m.gaps, m.parts = gapGroups(run.Coverage.Gaps)
	return m
}

func (r markdownReporter) Report(w io.Writer, run finding.Run) error {
	m := newMarkdownData(r.o, run)
	marks := commentMarks(r.o, m.mend)
	limit := cmp.Or(r.o.MaxBytes, markdownLimit)
	var text string
	for _, d := range markdownSteps(r.o) {
		if text = m.render(d) + marks; len(text) <= limit {
			return write(w, []byte(text))
		}
	}
	return fmt.Errorf("render report: %d bytes of markdown remain without any detail, %d are allowed", len(text), limit)
}

// render writes the comment: the headline, what is new, what to mend, then what
// folds away, and at last the coverage, which never goes.
func (m markdownData) render(d markdownDetail) string {
	var b strings.Builder
	run := m.run
	fmt.Fprintf(&b, "## %s\n\n", escapeMarkdown(m.headline()))
	if s := m.o.since(m.mend); s != "" {
		fmt.Fprintf(&b, "**%s**\n\n", s)
	}
	if run.Interrupted {
		b.WriteString("> [!WARNING]\n> The run was interrupted: this is what had been read until then.\n\n")
	}
	if why := clean(m.o.Incomplete); why != "" {
		fmt.Fprintf(&b, "> [!WARNING]\n> Too little was read: %s\n\n", escapeMarkdown(cut(why, d.text)))
	}
	if s := m.numbers(); s != "" {
		b.WriteString(s + "\n\n")
	}
	if s := run.Since; s != nil {
		b.WriteString(escapeMarkdown(sinceLine(*s)) + "\n\n")
	}
	m.toMend(&b, d)
	for _, p := range m.aside {
		m.fold(&b, p, d)
	}
	m.unknownsFold(&b, d)
	m.passesFold(&b, d)
	m.notes(&b, d)
	m.coverage(&b, d)
	fmt.Fprintf(&b, "\n<sub>%s. %s</sub>\n", escapeMarkdown(origin(run)), markdownTotals(run))
	if m.o.ToolURL != "" {
		fmt.Fprintf(&b, "\n<sub>[metsuke](%s) %s</sub>\n", markdownURL(m.o.ToolURL), escapeMarkdown(run.Version))
	}
	return b.String()
}

// headline says what the change has to hear first. It never sounds like a success when
// something is unknown or was not read. A run that judges no change only tells how it went.
func (m markdownData) headline() string {
	blocking := m.o.blocking(m.mend)
	rest := len(m.mend) - len(blocking)
	switch {
	case m.run.Mode != "gate":
		return "metsuke: " + verdictLine(m.run)
	case len(blocking) > 0:
		return "🛑 metsuke: blocked by " + count(len(blocking), "finding") + ": " + severities(blocking)
	case m.o.blocked(m.run):
		return "🛑 metsuke: blocked, because not everything could be judged"
	case rest > 0:
		return "⚠️ metsuke: nothing blocks; " + count(rest, "finding") + " to look at: " + severities(m.mend)
	case m.unknown > 0:
		return "⚠️ metsuke: nothing blocks, but " + count(m.unknown, "verdict") + plural(m.unknown, " is", " are") + " unknown"
	case m.run.Totals().Total() == 0:
		return "⚠️ metsuke: nothing was judged: no policy matched any resource"
	case !m.run.Coverage.Complete():
		return "⚠️ metsuke: nothing blocks in what could be read, which is not everything"
	default:
		return "✅ metsuke: nothing to mend"
	}
}

// numbers counts the findings of a gate by what the change has to do with them.
func (m markdownData) numbers() string {
	if m.run.Mode != "gate" {
		return ""
	}
	parts := []string{number(len(m.mend)) + " to mend"}
	for i, name := range []string{"there already", "mended by this plan", "waived", "in the baseline", "only warned of"} {
		if n := len(m.aside[i].findings); n > 0 {
			parts = append(parts, number(n)+" "+name)
		}
	}
	return strings.Join(append(parts, number(m.unknown)+" unknown"), " · ")
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

// badge writes a severity with a colour that Markdown can show.
func badge(s finding.Severity) string {
	dot := map[finding.Severity]string{finding.Critical: "🟣", finding.High: "🔴", finding.Medium: "🟠", finding.Low: "🔵"}[s]
	return strings.TrimSpace(dot + " " + escapeMarkdown(string(s)))
}
