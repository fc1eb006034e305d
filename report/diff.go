package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Diff is what changed from one run to a later one. Findings are in the order of reports.
type Diff struct {
	From, To DiffRun
	// New and Reopened fail in the later run; the others do not, and are as they were last
	// seen. NotVisible could not be looked at in the later run: they may still be there.
	New, Reopened, Fixed, Gone, NotVisible []finding.Finding
	// CellsGained were read in the later run only, CellsLost in the earlier one only.
	CellsGained, CellsLost []providers.Cell
	Notes                  []string // what a reader should know of the comparison
}

// DiffRun names a compared run.
type DiffRun struct {
	Name string    `json:"name"` // id of the saved run, or the file
	Time time.Time `json:"time"`
}

// DiffVersion is the version of the JSON that WriteDiff writes; docs/schema/diff.v1.json
// is its schema.
const DiffVersion = 1

// DiffFormats returns the formats of a diff.
func DiffFormats() []string { return []string{"table", "json", "markdown"} }

// part of a diff under its titles.
type diffPart struct {
	title, words string
	findings     []finding.Finding
}

func (d Diff) parts() []diffPart {
	return []diffPart{
		{"NEW", "new", d.New},
		{"REOPENED", "reopened", d.Reopened},
		{"FIXED", "fixed", d.Fixed},
		{"GONE WITH THEIR RESOURCES", "gone with their resources", d.Gone},
		{"NOT VISIBLE ANY MORE", "not visible any more", d.NotVisible},
	}
}

// line sums up.
func (d Diff) line() string {
	var parts []string
	total := len(d.CellsGained) + len(d.CellsLost)
	for _, p := range d.parts() {
		total += len(p.findings)
		parts = append(parts, number(len(p.findings))+" "+p.words)
	}
	if total == 0 {
		return "Nothing changed from " + d.From.text() + " to " + d.To.text() + "."
	}
	s := "From " + d.From.text() + " to " + d.To.text() + ": " + strings.Join(parts, ", ")
	return fmt.Sprintf("%s; %s gained, %s lost.", s, count(len(d.CellsGained), "cell"), number(len(d.CellsLost)))
}

func (r DiffRun) text() string {
	if r.Time.IsZero() {
		return clean(r.Name)
	}
	return clean(r.Name) + " (" + r.Time.UTC().Format("2006-01-02 15:04 UTC") + ")"
}

// WriteDiff writes the diff in one of DiffFormats.
func WriteDiff(w io.Writer, format string, o Options, d Diff) error {
	switch format {
	case "json":
		return d.json(w)
	case "markdown":
		return write(w, []byte(d.markdown(o)))
	case "table":
		return d.table(w, o)
	}
	return unknownName("format", format, DiffFormats())
}

// table writes for a person.
func (d Diff) table(w io.Writer, o Options) error {
	var b bytes.Buffer
	p := &page{b: &b, out: w, o: o, paint: painter(o.Color), w: o.Width}
	for _, part := range d.parts() {
		if len(part.findings) == 0 {
			continue
		}
		shown := part.findings
		if o.MaxFindings > 0 {
			shown = shown[:min(o.MaxFindings, len(shown))]
		}
		p.part(part.title, part.findings, shown)
	}
	p.cells("CELLS GAINED", "the later run read them, the earlier one did not", d.CellsGained)
	p.cells("CELLS LOST", "the earlier run read them, the later one did not", d.CellsLost)
	if len(d.Notes) > 0 {
		p.heading("NOTES", "")
		for _, n := range d.Notes {
			p.line("- " + clean(n))
		}
	}
	p.heading("SUMMARY", "")
	p.line(d.line())
	if p.err != nil {
		return p.err
	}
	return write(w, b.Bytes())
}

// cells lists cells.
func (p *page) cells(title, detail string, cells []providers.Cell) {
	if len(cells) == 0 {
		return
	}
	p.heading(title, detail)
	g := grid{head: []string{"TYPE", "ACCOUNT", "REGION"}, least: []int{16, 12, 0}}
	for _, c := range cells {
		g.rows = append(g.rows, []cell{text(string(c.Type)), text(scopeName(c.Scope.ID, c.Scope.Name)), text(c.Region)})
	}
	p.grid(g)
}

// markdownDiffRows bounds each list of a comment.
const markdownDiffRows = 50

func (d Diff) markdown(o Options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## metsuke: %s\n", escapeMarkdown(d.line()))
	most := markdownDiffRows
	if o.MaxFindings > 0 {
		most = min(most, o.MaxFindings)
	}
	for _, p := range d.parts() {
		m := markdownData{o: o}
		m.fold(&b, markdownPart{p.words, p.findings}, markdownDetail{others: most, text: 300})
	}
	for _, c := range []struct {
		title string
		cells []providers.Cell
	}{{"gained", d.CellsGained}, {"lost", d.CellsLost}} {
		var body strings.Builder
		for _, one := range c.cells[:min(most, len(c.cells))] {
			fmt.Fprintf(&body, "- %s in %s %s\n", code(string(one.Type), 120), code(scopeName(one.Scope.ID, one.Scope.Name), 120), escapeMarkdown(clean(one.Region)))
		}
		if left := len(c.cells) - most; left > 0 {
			fmt.Fprintf(&body, "- %s more not listed here\n", count(left, "cell"))
		}
		fold(&b, count(len(c.cells), "cell")+" "+c.title, body.String())
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "\n- %s\n", escapeMarkdown(clean(n)))
	}
	return b.String()
}

// json writes the diff as one document, as it encodes it: over a year it is long.
func (d Diff) json(w io.Writer) error {
	fields := []struct {
		name  string
		value any
	}{
		{"kind", "metsuke.diff"},
		{"version", DiffVersion},
		{"from", d.From},
		{"to", d.To},
		{"new", d.New},
		{"reopened", d.Reopened},
		{"fixed", d.Fixed},
		{"gone", d.Gone},
		{"not_visible", d.NotVisible},
		{"cells_gained", orEmpty(d.CellsGained)},
		{"cells_lost", orEmpty(d.CellsLost)},
		{"notes", d.Notes},
	}
	if len(d.Notes) == 0 {
		fields = fields[:len(fields)-1]
	}
	before := "{"
	for _, f := range fields {
		if err := write(w, fmt.Appendf(nil, "%s\n  %q: ", before, f.name)); err != nil {
			return err
		}
		before = ","
		if findings, long := f.value.([]finding.Finding); long {
			if err := writeList(w, findings, func(f *finding.Finding) any { return f }); err != nil {
				return err
			}
			continue
		}
		text, err := marshalWithin(f.value, "  ", "  ")
		if err != nil {
			return err
		}
		if err := write(w, bytes.TrimSuffix(text, []byte("\n"))); err != nil {
			return err
		}
	}
	return write(w, []byte("\n}\n"))
}
