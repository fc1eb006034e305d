package report

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// unknown lists what could not be judged, compressed: a hundred buckets whose
// policy cannot be read are one line.
func (p *page) unknown(findings []finding.Finding) {
	groups := unknownGroups(findings)
	if len(groups) == 0 {
		return
	}
	unknown := of(findings, finding.Unknown)
	detail := fmt.Sprintf("%s could not be reached: neither pass nor fail", count(len(unknown), "verdict"))
	if n := waived(unknown); n > 0 {
		detail += " (" + number(n) + " waived, and unknown all the same)"
	}
	p.heading("UNKNOWN", detail)
	g := grid{head: []string{"COUNT", "SEVERITY", "POLICY", "REASON", "NOT READ", "CURE"}, least: []int{0, 0, 16, 0, 12, 20}, right: []int{0}}
	if p.narrow() {
		g.head, g.least = []string{"COUNT", "SEVERITY", "POLICY", "REASON AND CURE"}, []int{0, 0, 20, 20}
	}
	for _, u := range groups {
		notRead := some(u.Paths, 4)
		if notRead == "" {
			notRead = u.Message
		}
		notRead, cured := cut(clean(notRead), 100), clean(cure(string(u.Reason), u.Permission))
		row := []cell{text(number(u.Count)), {{clean(string(u.Severity)), p.paint.severity(u.Severity)}}}
		reason := span{clean(string(u.Reason)), p.paint.unknown}
		if p.narrow() {
			row = append(row, cell{{clean(u.Policy), nil}, {notRead, p.paint.dim}}, cell{reason, {cured, p.paint.dim}})
		} else {
			row = append(row, text(u.Policy), cell{reason}, cell{{notRead, nil}}, cell{{cured, nil}})
		}
		g.rows = append(g.rows, row)
	}
	p.grid(g)
}

// cure says what would make the unreadable readable, in a few words.
func cure(reason, permission string) string {
	if permission != "" {
		return "grant " + permission
	}
	switch reason {
	case "denied":
		return "a permission"
	case "throttled":
		return "scan again, or slower"
	case "disabled":
		return "switch it on"
	case "unsupported":
		return "none: not offered there"
	case "deferred", "given":
		return "known after apply"
	case "sensitive":
		return "none: marked sensitive"
	case "outside":
		return "gate --against an inventory"
	case "uncollected":
		return "take the inventory with it"
	case "interrupted":
		return "scan again to the end"
	}
	return ""
}

// passed lists what passed, where that was asked for.
func (p *page) passed(findings []finding.Finding) {
	if len(findings) == 0 {
		return
	}
	p.heading("PASSED", "as asked for: "+count(len(findings), "check"))
	g := grid{head: []string{"VERDICT", "POLICY", "RESOURCE"}, least: []int{0, 20, 18}}
	if !p.narrow() {
		g.head, g.least = append(g.head, "ACCOUNT", "REGION"), append(g.least, 12, 0)
	}
	for i := range findings {
		f := &findings[i]
		verdict := cell{{strings.ReplaceAll(clean(string(f.Verdict)), "_", " "), nil}}
		if f.Verdict == finding.Pass {
			verdict[0].style = p.paint.good
		}
		row := []cell{verdict, text(f.Policy), p.resource(f, p.narrow())}
		if !p.narrow() {
			row = append(row, text(scopeName(f.Resource.Scope, f.Resource.ScopeName)), text(f.Resource.Region))
		}
		g.rows = append(g.rows, row)
	}
	p.grid(g)
}

// unread lists the cells that could not be read, compressed like the unknowns.
func (p *page) unread(run finding.Run) {
	groups, parts := gapGroups(run.Coverage.Gaps)
	if len(groups) > 0 {
		n := 0
		g := grid{head: []string{"COUNT", "RESOURCES", "REASON", "WHERE", "CALL", "CURE"}, least: []int{0, 16, 0, 12, 12, 20}, right: []int{0}}
		if p.narrow() {
			g.head, g.least = []string{"COUNT", "RESOURCES", "REASON AND CURE"}, []int{0, 20, 20}
		}
		for _, u := range groups {
			n += u.Count
			why := cure(string(u.Reason), u.Permission)
			if why == "" {
				why = u.Err
			}
			why, reason := cut(clean(why), 100), span{clean(string(u.Reason)), p.paint.unknown}
			row := []cell{text(number(u.Count))}
			if p.narrow() {
				row = append(row, cell{{clean(u.what()), nil}, {clean(u.where()), p.paint.dim}}, cell{reason, {why, p.paint.dim}})
			} else {
				row = append(row, text(u.what()), cell{reason}, text(u.where()), text(u.Call), cell{{why, nil}})
			}
			g.rows = append(g.rows, row)
		}
		p.heading("NOT READ", count(n, "listing")+" failed: whatever is there was not judged")
		p.grid(g)
	}
	if parts > 0 {
		if len(groups) == 0 {
			p.gap()
		}
		p.line(count(parts, "detail") + " of resources could not be read; a verdict that depends on one is unknown.")
	}
}

// notes writes what a person should know besides.
func (p *page) notes(run finding.Run) {
	unmatched := unmatchedLine(run)
	if unmatched == "" && len(run.Notes) == 0 {
		return
	}
	p.heading("NOTES", "")
	if unmatched != "" {
		p.line("- " + unmatched)
	}
	for _, n := range run.Notes {
		p.line("- " + clean(n))
	}
}

// summary counts by severity, category and owner: side by side where the page is
// wide enough.
func (p *page) summary(run finding.Run, findings []finding.Finding) {
	p.heading("SUMMARY", origin(run))
	as := p.paint.good
	switch {
	case countOf(findings, finding.Fail) > 0:
		as = p.paint.bold
	case countOf(findings, finding.Unknown) > 0 || !run.Coverage.Complete() || run.Totals().Total() == 0 || run.Interrupted:
		as = p.paint.warn
	}
	p.line(verdictLine(run)+".", as)
	if t := run.Totals(); t.Total() > 0 {
		p.line(fmt.Sprintf("%s: %s.", count(len(run.Policies), "selected policy"), checks(t)))
	}
	if money, n := saving(findings); n > 0 {
		p.line(fmt.Sprintf("Mending %s would save about %s a month.", count(n, "finding"), dollars(money)))
	}
	for _, line := range spendLines(run) {
		p.line(line)
	}
	if s := run.Since; s != nil {
		p.line(sinceLine(*s))
	}
	var blocks [][]string
	for _, s := range []struct {
		title string
		rows  []tally
	}{{"BY SEVERITY", bySeverity(findings)}, {"BY CATEGORY", byCategory(findings)}, {"BY OWNER", byOwner(findings)}} {
		if b := p.block(s.title, s.rows); b != nil {
			blocks = append(blocks, b)
		}
	}
	if len(blocks) > 0 {
		p.gap()
		p.beside(blocks)
	}
}

// origin says what kind of run this was, and when.
func origin(run finding.Run) string {
	s := cmp.Or(clean(run.Mode), "run") + " of " + count(len(run.Scopes), "scope")
	if len(run.Scopes) == 1 {
		s = cmp.Or(clean(run.Mode), "run") + " of " + clean(scopeName(run.Scopes[0].ID, run.Scopes[0].Name))
	}
	if run.Version != "" {
		s += " by metsuke " + clean(run.Version)
	}
	if !run.Time.IsZero() {
		s += ", " + run.Time.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	return s
}

// block counts findings by name, at most ten of them.
func (p *page) block(title string, rows []tally) []string {
	const most = 10
	total := 0
	g := grid{head: []string{title, "FAIL", "UNKNOWN"}, least: []int{12, 0, 0}, right: []int{1, 2}}
	var rest tally
	for i, t := range rows {
		total += t.Fail + t.Unknown
		if i >= most {
			rest.Fail += t.Fail
			rest.Unknown += t.Unknown
			continue
		}
		name := t.Name
		if name == "" {
			name = "(nobody)"
		}
		g.rows = append(g.rows, []cell{{{cut(clean(name), 28), p.paint.severity(finding.Severity(t.Name))}}, text(zeroDot(t.Fail)), text(zeroDot(t.Unknown))})
	}
	if len(rows) > most {
		g.rows = append(g.rows, []cell{text(fmt.Sprintf("%d more", len(rows)-most)), text(zeroDot(rest.Fail)), text(zeroDot(rest.Unknown))})
	}
	if total == 0 {
		return nil
	}
	sub := &page{b: &bytes.Buffer{}, o: p.o, paint: p.paint, w: p.w}
	sub.grid(g)
	return strings.Split(strings.TrimRight(sub.b.String(), "\n"), "\n")
}

// zeroDot writes a zero so that the other numbers stand out.
func zeroDot(n int) string {
	if n == 0 {
		return "."
	}
	return number(n)
}

// beside writes blocks of lines next to each other, as many as fit; without a
// width, below each other.
func (p *page) beside(blocks [][]string) {
	const apart = 4
	for start := 0; start < len(blocks); {
		if start > 0 {
			p.gap()
		}
		end, total := start, 0
		for end < len(blocks) && (end == start || total+apart+widest(blocks[end]) <= p.w) {
			total += apart + widest(blocks[end])
			if end == start {
				total -= apart
			}
			end++
		}
		p.row(blocks[start:end], apart)
		start = end
	}
}

// row writes blocks next to each other.
func (p *page) row(blocks [][]string, apart int) {
	rows := 0
	for _, b := range blocks {
		rows = max(rows, len(b))
	}
	for r := range rows {
		line, column := "", 0
		for _, b := range blocks {
			if r < len(b) {
				line += strings.Repeat(" ", column-visible(line)) + b[r]
			}
			column += widest(b) + apart
		}
		p.b.WriteString(line + "\n")
	}
}

// widest returns the width of the longest line.
func widest(lines []string) int {
	w := 0
	for _, l := range lines {
		w = max(w, visible(l))
	}
	return w
}

// end writes the last lines: how much was read, and what would help most.
func (p *page) end(run finding.Run) {
	p.gap()
	if run.Coverage.Complete() && !run.Interrupted {
		p.line(coverageLine(run))
	} else {
		p.line(coverageLine(run), p.paint.warn)
	}
	heading, cures := cureLines(run)
	p.line(heading)
	for i, c := range cures {
		n := "  " + strconv.Itoa(i+1) + ". "
		for _, l := range wrap(c, max(p.w-len(n), 0)) {
			p.b.WriteString(n + l + "\n")
			n = strings.Repeat(" ", len(n))
		}
	}
	if line := changeLine(run); line != "" {
		p.line(strings.TrimSpace(sentence(line)), p.paint.bold)
	}
}
