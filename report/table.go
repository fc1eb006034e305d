package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// tableReporter writes for a person: on a terminal with wrapped cells, in a
// pipe one line for each finding and no lines drawn.
type tableReporter struct{ o Options }

// Report writes as it goes: a table of a large run takes more memory than the run.
func (r tableReporter) Report(w io.Writer, run finding.Run) error {
	var b bytes.Buffer
	p := &page{b: &b, out: w, o: r.o, paint: painter(r.o.Color), w: r.o.Width}
	if p.w > 0 {
		p.w = max(p.w, 40)
	}
	findings := ordered(run)
	if run.Interrupted {
		p.line("The run was interrupted: this is what had been read until then.", p.paint.warn)
		p.gap()
	}
	p.failing(of(findings, finding.Fail))
	p.fixed(run.Fixed)
	p.unknown(findings)
	p.passed(of(findings, finding.Pass, finding.NotApplicable))
	p.unread(run)
	p.iac(run)
	p.notes(run)
	p.summary(run, findings)
	p.end(run)
	if p.err != nil {
		return p.err
	}
	return write(w, b.Bytes())
}

// page collects the text of a table report.
type page struct {
	b     *bytes.Buffer
	out   io.Writer // takes what is written of a long table; nil to keep all of it in b
	err   error     // the first error of out
	o     Options
	paint painter
	w     int // 0: do not wrap
}

// line writes text, wrapped to the page, in the style if there is one.
func (p *page) line(s string, as ...style) {
	for _, l := range wrap(s, p.w) {
		for _, paint := range as {
			l = paint(l)
		}
		p.b.WriteString(l + "\n")
	}
}

func (p *page) gap() { p.b.WriteByte('\n') }

// grid writes the rows as a table.
func (p *page) grid(g grid) {
	g.max, g.paint = p.w, p.paint
	g.render(p.b, p.spill)
}

// spilled is from which size on, in bytes, a page is written while it is drawn.
const spilled = 1 << 18

// spill writes a long page, but for its last two characters: whether it ends in an
// empty line is still to be seen.
func (p *page) spill() {
	if p.out == nil || p.b.Len() < spilled || p.err != nil {
		return
	}
	p.err = write(p.out, p.b.Next(p.b.Len()-2))
}

// heading writes what follows, and an empty line before it unless it is the first.
func (p *page) heading(title, detail string) {
	if p.b.Len() > 0 && !bytes.HasSuffix(p.b.Bytes(), []byte("\n\n")) {
		p.gap()
	}
	if detail != "" {
		detail = "  " + detail
	}
	lines := wrap(title+detail, p.w)
	if rest, ok := strings.CutPrefix(lines[0], title); ok {
		lines[0] = p.paint.bold(title) + rest
	}
	p.b.WriteString(strings.Join(lines, "\n") + "\n")
}

// failing lists the findings that fail, what a plan brings first, in sections when that
// was asked for.
func (p *page) failing(findings []finding.Finding) {
	left := p.o.MaxFindings
	for _, part := range byChange(findings) {
		part.findings = p.o.countingFirst(part.findings)
		shown := part.findings
		if p.o.MaxFindings > 0 {
			shown = shown[:min(left, len(shown))]
			left -= len(shown)
		}
		p.part(part.name, part.findings, shown)
	}
}

// part lists those of the findings that are to be shown under the title.
func (p *page) part(title string, findings, shown []finding.Finding) {
	if p.o.GroupBy == "" || len(shown) == 0 {
		p.heading(title, fmt.Sprintf("%s: %s", count(len(findings), "finding"), severities(findings)))
		if len(shown) > 0 {
			p.grid(p.findings(oneCause(shown)))
		}
	} else {
		for _, s := range sections(shown, p.o.GroupBy) {
			p.heading(title+"  "+s.name, fmt.Sprintf("%s: %s", count(len(s.findings), "finding"), severities(s.findings)))
			p.grid(p.findings(oneCause(s.findings)))
		}
	}
	if left := findings[len(shown):]; len(left) > 0 {
		p.line(fmt.Sprintf("... and %s more not listed: %s.", count(len(left), "finding"), severities(left)))
	}
}

// fixed lists what a plan mends.
func (p *page) fixed(findings []finding.Finding) {
	if len(findings) == 0 {
		return
	}
	shown := findings
	if n := p.o.MaxFindings; n > 0 {
		shown = findings[:min(n, len(findings))]
	}
	p.part("FIXED BY THIS PLAN", findings, shown)
}

// section is the findings of one group.
type section struct {
	name     string
	findings []finding.Finding
}

// sections splits findings, which are sorted: the group of the worst comes
// first, among equals the one with more findings.
func sections(findings []finding.Finding, by string) []section {
	var out []section
	at := map[string]int{}
	for _, f := range findings {
		name := groupName(f, by)
		i, ok := at[name]
		if !ok {
			i = len(out)
			at[name] = i
			out = append(out, section{name: name})
		}
		out[i].findings = append(out[i].findings, f)
	}
	slices.SortStableFunc(out, func(a, b section) int {
		if c := a.findings[0].Severity.Rank() - b.findings[0].Severity.Rank(); c != 0 {
			return c
		}
		if c := len(b.findings) - len(a.findings); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	return out
}

func groupName(f finding.Finding, by string) string {
	switch by {
	case "account":
		if f.Resource.ScopeName != "" && f.Resource.ScopeName != f.Resource.Scope {
			return clean(f.Resource.Provider + " " + f.Resource.Scope + " " + f.Resource.ScopeName)
		}
		return clean(f.Resource.Provider + " " + f.Resource.Scope)
	case "owner":
		switch {
		case f.OwnerUnknown != "":
			return "owner unknown"
		case f.Owner == "":
			return "nobody's"
		}
		return clean(f.Owner)
	case "policy":
		return clean(f.Policy)
	default:
		return clean(string(f.Severity))
	}
}

// narrow reports whether columns have to share a cell.
func (p *page) narrow() bool { return p.w > 0 && p.w < 110 }

// findings lays out findings for the width of the page: the narrower it is, the
// more columns move into the cells of others.
func (p *page) findings(findings []*finding.Finding) grid {
	narrow, medium := p.narrow(), p.w > 0 && p.w < 150
	money := slices.ContainsFunc(findings, func(f *finding.Finding) bool { return f.MonthlyCost > 0 })
	owned := slices.ContainsFunc(findings, func(f *finding.Finding) bool { return f.Owner != "" || f.OwnerUnknown != "" })
	regional := slices.ContainsFunc(findings, func(f *finding.Finding) bool { return f.Resource.Region != "" })
	var g grid
	var columns []func(*finding.Finding) cell
	add := func(shown bool, title string, least int, c func(*finding.Finding) cell) {
		if !shown {
			return
		}
		g.head = append(g.head, title)
		g.least = append(g.least, least)
		columns = append(columns, c)
	}
	add(p.o.GroupBy != "severity", "SEVERITY", 0, func(f *finding.Finding) cell {
		return cell{{clean(string(f.Severity)), p.paint.severity(f.Severity)}}
	})
	add(!narrow && p.o.GroupBy != "policy", "POLICY", 20, func(f *finding.Finding) cell { return text(f.Policy) })
	add(true, "RESOURCE", 18, func(f *finding.Finding) cell { return p.resource(f, narrow) })
	add(!narrow && p.o.GroupBy != "account", "ACCOUNT", 12, func(f *finding.Finding) cell {
		c := text(scopeName(f.Resource.Scope, f.Resource.ScopeName))
		if medium && f.Resource.Region != "" {
			c = append(c, span{clean(f.Resource.Region), p.paint.dim})
		}
		return c
	})
	add(regional && (!medium || !narrow && p.o.GroupBy == "account"), "REGION", 0, func(f *finding.Finding) cell { return text(f.Resource.Region) })
	add(!narrow && owned && p.o.GroupBy != "owner", "OWNER", 8, func(f *finding.Finding) cell { return text(ownerText(*f)) })
	if money && !medium {
		add(true, "$/MONTH", 0, func(f *finding.Finding) cell {
			if f.MonthlyCost == 0 {
				return text("")
			}
			return text(strings.TrimPrefix(dollars(f.MonthlyCost), "$"))
		})
		g.right = append(g.right, len(g.head)-1)
	}
	add(true, "FINDING", 24, func(f *finding.Finding) cell {
		c := text(f.Message)
		if medium && f.MonthlyCost > 0 {
			c = append(c, span{dollars(f.MonthlyCost) + " a month", p.paint.dim})
		}
		if narrow {
			c = append(c, span{clean(f.Policy), p.paint.dim})
		}
		if why := clean(excuse(*f)); why != "" && p.w == 0 {
			c[0].text += " [" + why + "]"
		} else if why != "" {
			c = append(c, span{why, p.paint.dim})
		}
		return c
	})
	g.many = len(findings)
	g.row = func(i int) []cell {
		out := make([]cell, len(columns))
		for j, c := range columns {
			out[j] = c(findings[i])
		}
		return out
	}
	return g
}

// resource names a resource with its type, and in a narrow table also with the
// place where it is.
func (p *page) resource(f *finding.Finding, narrow bool) cell {
	r := f.Resource
	name := clean(resourceName(r))
	kind := clean(string(r.Type))
	if strings.HasPrefix(name, kind) || strings.Contains(name, "."+kind+".") {
		kind = "" // a Terraform address names its type
	}
	var c cell
	switch pos := clean(position(r)); p.w {
	case 0:
		c = cell{{strings.TrimSpace(kind + " " + name), nil}}
		if pos != "" {
			c[0].text += " (" + pos + ")"
		}
	default:
		c = cell{{name, nil}}
		if kind != "" {
			c = append(c, span{kind, p.paint.dim})
		}
		if pos != "" {
			c = append(c, span{pos, p.paint.dim})
		}
	}
	if narrow {
		place := []string{clean(scopeName(r.Scope, r.ScopeName))}
		if r.Region != "" {
			place = append(place, clean(r.Region))
		}
		if owner := ownerText(*f); owner != "" {
			place = append(place, clean(owner))
		}
		c = append(c, span{strings.Join(place, ", "), p.paint.dim})
	}
	return c
}
