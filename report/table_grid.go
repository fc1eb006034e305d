package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// style colours one line of text.
type style func(string) string

// span is text that begins a line of its own within a cell.
type span struct {
	text  string
	style style // nil: as it is
}

// cell is the lines of a cell before they are wrapped.
type cell []span

// text makes a cell of a string from the run.
func text(s string) cell { return cell{{clean(s), nil}} }

// grid is a table to be.
type grid struct {
	head  []string
	least []int // for each column: how narrow it may become; 0 may not shrink
	right []int // columns set to the right
	rows  [][]cell
	max   int // columns of the page, 0: do not wrap
	paint painter
}

// between is the space between two columns.
const between = 2

// render draws the table: no box, a rule below the head, on a terminal an empty
// line after a row that needed several.
func (g grid) render(b *bytes.Buffer) error {
	widths := g.widths()
	t := tablewriter.NewTable(b,
		tablewriter.WithConfig(g.config()),
		tablewriter.WithRenderer(renderer.NewBlueprint(g.rendition())),
		tablewriter.WithEastAsian(tw.Off), // else the locale decides how wide some characters are
	)
	head := make([]string, len(g.head))
	for i, h := range g.head {
		head[i] = g.paint.bold(h)
		if g.max > 0 {
			head[i] += "\n" + g.paint.dim(strings.Repeat("─", widths[i]))
		}
	}
	t.Header(head)
	for i, row := range g.rows {
		lines := make([]string, len(row))
		tall := false
		for j, c := range row {
			lines[j] = c.lines(widths[j])
			tall = tall || strings.Contains(lines[j], "\n")
		}
		if tall && i < len(g.rows)-1 {
			lines[0] += strings.Repeat("\n", height(lines)-strings.Count(lines[0], "\n")) + " "
		}
		if err := t.Append(lines); err != nil {
			return fmt.Errorf("lay out table: %w", err)
		}
	}
	start := b.Len()
	if err := t.Render(); err != nil {
		return fmt.Errorf("lay out table: %w", err)
	}
	trimmed := trimLines(b.Bytes()[start:])
	b.Truncate(start)
	b.Write(trimmed)
	return nil
}

// height is the number of lines of the tallest cell.
func height(cells []string) int {
	h := 0
	for _, c := range cells {
		h = max(h, 1+strings.Count(c, "\n"))
	}
	return h
}

// trimLines takes the spaces off the ends of lines: nobody wants them in a pipe.
func trimLines(b []byte) []byte {
	lines := bytes.Split(b, []byte("\n"))
	for i, l := range lines {
		lines[i] = bytes.TrimRight(l, " ")
	}
	return bytes.Join(lines, []byte("\n"))
}

func (g grid) config() tablewriter.Config {
	align := make([]tw.Align, len(g.head))
	for i := range align {
		align[i] = tw.AlignLeft
		if slices.Contains(g.right, i) {
			align[i] = tw.AlignRight
		}
	}
	part := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft, PerColumn: align},
		Padding:    tw.CellPadding{Global: tw.PaddingNone},
	}
	return tablewriter.Config{
		Header:   part,
		Row:      part,
		Behavior: tw.Behavior{TrimSpace: tw.Off, TrimLine: tw.Off, AutoHide: tw.Off},
	}
}

func (g grid) rendition() tw.Rendition {
	return tw.Rendition{
		Borders: tw.BorderNone,
		Symbols: tw.NewSymbolCustom("spaces").WithColumn(strings.Repeat(" ", between)),
		Settings: tw.Settings{
			Lines:      tw.LinesNone,
			Separators: tw.Separators{ShowHeader: tw.Off, ShowFooter: tw.Off, BetweenRows: tw.Off, BetweenColumns: tw.On},
		},
	}
}

// widths returns the width of every column. If they do not fit the page, the
// widest that may shrink gives up a character, over and over.
func (g grid) widths() []int {
	w := make([]int, len(g.head))
	total := between * (len(g.head) - 1)
	for i, h := range g.head {
		w[i] = width(h)
		for _, row := range g.rows {
			for _, s := range row[i] {
				w[i] = max(w[i], width(s.text))
			}
		}
		total += w[i]
	}
	for g.max > 0 && total > g.max {
		widest := -1
		for i := range w {
			if g.least[i] > 0 && w[i] > g.least[i] && (widest < 0 || w[i] > w[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break // narrower than this it cannot be
		}
		w[widest]--
		total--
	}
	return w
}

// lines wraps a cell and colours it line by line: a colour must not run into the
// next column.
func (c cell) lines(n int) string {
	var out []string
	for _, s := range c {
		for _, l := range wrap(s.text, n) {
			if s.style != nil && l != "" {
				l = s.style(l)
			}
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// painter colours text, or not.
type painter bool

func (p painter) sgr(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p painter) bold(s string) string { return p.sgr("1", s) }
func (p painter) dim(s string) string  { return p.sgr("2", s) }
func (p painter) warn(s string) string { return p.sgr("1;33", s) }
func (p painter) good(s string) string { return p.sgr("32", s) }

// unknown colours what could not be judged.
func (p painter) unknown(s string) string { return p.sgr("35", s) }

// severity returns the colour of a severity.
func (p painter) severity(s finding.Severity) style {
	code := map[finding.Severity]string{finding.Critical: "1;31", finding.High: "31", finding.Medium: "33", finding.Low: "36"}[s]
	if code == "" {
		return nil
	}
	return func(text string) string { return p.sgr(code, text) }
}

// visible is the width of a line without its colours.
func visible(s string) int {
	for {
		i := strings.Index(s, "\x1b[")
		if i < 0 {
			return width(s)
		}
		j := strings.IndexByte(s[i:], 'm')
		if j < 0 {
			return width(s)
		}
		s = s[:i] + s[i+j+1:]
	}
}
