package report

import (
	"bytes"
	"iter"
	"slices"
	"strings"

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
	// many and row stand for rows where there may be very many: each is made when it
	// is needed, and again for the next pass.
	many  int
	row   func(i int) []cell
	max   int // columns of the page, 0: do not wrap
	paint painter
}

// between is the space between two columns.
const between = 2

// render draws the table: no box, a rule below the head, on a terminal an empty
// line after a row that needed several.
func (g grid) render(b *bytes.Buffer, spill func()) {
	widths := g.widths()
	head := make([]string, len(g.head))
	for i, h := range g.head {
		head[i] = g.paint.bold(h)
		if g.max > 0 {
			head[i] += "\n" + g.paint.dim(strings.Repeat("─", widths[i]))
		}
	}
	g.write(b, widths, head)
	cells := make([]string, len(g.head))
	last := len(g.rows) + g.many - 1
	for i, row := range g.all() {
		tall := false
		for j, c := range row {
			cells[j] = c.lines(widths[j])
			tall = tall || strings.Contains(cells[j], "\n")
		}
		g.write(b, widths, cells)
		if tall && i < last {
			b.WriteByte('\n')
		}
		spill()
	}
}

// all gives the rows.
func (g grid) all() iter.Seq2[int, []cell] {
	return func(yield func(int, []cell) bool) {
		for i, row := range g.rows {
			if !yield(i, row) {
				return
			}
		}
		for i := range g.many {
			if !yield(len(g.rows)+i, g.row(i)) {
				return
			}
		}
	}
}

// write writes the lines of a row. There are no spaces at their ends: nobody wants them
// in a pipe.
func (g grid) write(b *bytes.Buffer, widths []int, cells []string) {
	for rest := true; rest; {
		rest = false
		start := b.Len()
		for j := range cells {
			line, more, found := strings.Cut(cells[j], "\n")
			cells[j] = more
			rest = rest || found
			space := max(0, widths[j]-visible(line))
			if j > 0 {
				pad(b, between)
			}
			if slices.Contains(g.right, j) {
				pad(b, space)
				b.WriteString(line)
				continue
			}
			b.WriteString(line)
			pad(b, space)
		}
		b.Truncate(start + len(bytes.TrimRight(b.Bytes()[start:], " ")))
		b.WriteByte('\n')
	}
}

func pad(b *bytes.Buffer, n int) {
	for range n {
		b.WriteByte(' ')
	}
}

// widths returns the width of every column. If they do not fit the page, the
// widest that may shrink gives up a character, over and over.
func (g grid) widths() []int {
	w := make([]int, len(g.head))
	total := between * (len(g.head) - 1)
	for i, h := range g.head {
		w[i] = width(h)
	}
	for _, row := range g.all() {
		for i, c := range row {
			for _, s := range c {
				w[i] = max(w[i], width(s.text))
			}
		}
	}
	for i := range w {
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
	if !p {
		return nil
	}
	var code string
	switch s {
	case finding.Critical:
		code = "1;31"
	case finding.High:
		code = "31"
	case finding.Medium:
		code = "33"
	case finding.Low:
		code = "36"
	default:
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
