package report

import (
	"fmt"
	"strings"
)

// fold writes a part that is closed until somebody opens it. The title is HTML, in which
// Markdown means nothing.
func fold(b *strings.Builder, title, body string) {
	if body != "" {
		fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n%s\n</details>\n", title, body)
	}
}

// fold writes findings that nobody has to mend for this change.
func (m markdownData) fold(b *strings.Builder, p markdownPart, d markdownDetail) {
	var body strings.Builder
	shown := p.findings[:min(d.others, len(p.findings))]
	for _, f := range shown {
		fmt.Fprintf(&body, "- %s %s: %s · %s", badge(f.Severity), code(resourceName(f.Resource), d.text), escapeMarkdown(cut(clean(f.Message), d.text)), code(f.Policy, 120))
		if at := position(f.Resource); at != "" {
			body.WriteString(" · " + code(at, d.text))
		}
		if e := clean(excuse(f)); e != "" {
			body.WriteString(" · " + escapeMarkdown(cut(e, d.text)))
		}
		body.WriteByte('\n')
	}
	if left := len(p.findings) - len(shown); left > 0 {
		fmt.Fprintf(&body, "- %s more not listed here\n", count(left, "finding"))
	}
	fold(b, count(len(p.findings), "finding")+" "+p.one, body.String())
}

func (m markdownData) unknownsFold(b *strings.Builder, d markdownDetail) {
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
	fold(b, count(m.unknown, "unknown verdict"), body.String())
}

func (m markdownData) passesFold(b *strings.Builder, d markdownDetail) {
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

func (m markdownData) notes(b *strings.Builder, d markdownDetail) {
	notes := m.run.Notes
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

// coverage says in the line that is always there how much was read, and below it what
// would cure the rest.
func (m markdownData) coverage(b *strings.Builder, d markdownDetail) {
	if m.run.IaC != nil {
		fmt.Fprintf(b, "\n%s\n", escapeMarkdown(iacLine(*m.run.IaC)))
	}
	if said := spendLines(m.run); len(said) > 0 {
		fmt.Fprintf(b, "\n%s\n", escapeMarkdown(strings.Join(said, " ")))
	}
	var body strings.Builder
	heading, lines := cureLines(m.run)
	fmt.Fprintf(&body, "%s\n", escapeMarkdown(heading))
	for i, c := range m.run.Coverage.Cures[:len(lines)] {
		if i == 0 {
			body.WriteByte('\n')
		}
		fmt.Fprintf(&body, "%d. %s (%s)\n", i+1, code(c.Permission, 200), cureEffect(c))
	}
	shown := m.gaps[:min(d.gaps, len(m.gaps))]
	if len(m.run.Coverage.Gaps) > 0 {
		body.WriteString("\nNot read:\n\n")
	}
	for _, g := range shown {
		fmt.Fprintf(&body, "- %s, %s\n", escapeMarkdown(cut(g.sentence(), d.text)), count(g.Count, "time"))
	}
	if left := len(m.gaps) - len(shown); left > 0 {
		fmt.Fprintf(&body, "- %s more not listed here\n", count(left, "cause"))
	}
	if m.parts > 0 {
		fmt.Fprintf(&body, "- %s of resources\n", count(m.parts, "detail"))
	}
	if s := unmatchedLine(m.run); s != "" {
		fmt.Fprintf(&body, "\n%s\n", escapeMarkdown(cut(s, max(2*d.text, 200))))
	}
	fold(b, "<b>Coverage.</b> "+htmlText(coverageLine(m.run)), body.String())
}
