package report

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"sync"

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
	// is needed, and again for the next pass, several at once.
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
	last := len(g.rows) + g.many - 1
	_ = inChunks(last+1, func(from, to int) ([]byte, error) {
		var b bytes.Buffer
		cells := make([]string, len(g.head))
		for i := from; i < to; i++ {
			tall := false
			for j, c := range g.at(i) {
				cells[j] = c.lines(widths[j])
				tall = tall || strings.Contains(cells[j], "\n")
			}
			g.write(&b, widths, cells)
			if tall && i < last {
				b.WriteByte('\n')
			}
		}
		return b.Bytes(), nil
	}, func(rows []byte) error {
		b.Write(rows)
		spill()
		return nil
	})
}

// at returns a row.
func (g grid) at(i int) []cell {
	if i < len(g.rows) {
		return g.rows[i]
	}
	return g.row(i - len(g.rows))
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
	var one sync.Mutex
	var all sync.WaitGroup
	rows, n := len(g.rows)+g.many, runtime.GOMAXPROCS(0)
	for part := range n {
		all.Go(func() {
			widest := make([]int, len(w))
			for i := rows * part / n; i < rows*(part+1)/n; i++ {
				for j, c := range g.at(i) {
					for _, s := range c {
						widest[j] = max(widest[j], width(s.text))
					}
				}
			}
			one.Lock()
			defer one.Unlock()
			for j := range w {
				w[j] = max(w[j], widest[j])
			}
		})
	}
	all.Wait()
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
