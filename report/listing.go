package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Listing is a table of things that are no findings, such as policies: the look and
// the care of the findings' table for whoever has rows to show.
type Listing struct {
	Head []string
	// Least says for each column how narrow it may become on a narrow terminal; 0 may
	// not shrink.
	Least []int
	Right []int // columns set to the right
	// Rows hold the cells. A line break in one begins a line that is less prominent.
	Rows [][]string
}

// WriteListing writes the table to w. Cells are text from anywhere: they reach the
// terminal as nothing but text. Of o it heeds Color and Width.
func WriteListing(w io.Writer, o Options, l Listing) error {
	if len(l.Least) != len(l.Head) {
		return fmt.Errorf("lay out table: %d columns, and widths for %d", len(l.Head), len(l.Least))
	}
	var b bytes.Buffer
	g := grid{head: l.Head, least: l.Least, right: l.Right, max: o.Width, paint: painter(o.Color)}
	for _, row := range l.Rows {
		cells := make([]cell, len(row))
		for i, s := range row {
			for j, line := range strings.Split(s, "\n") {
				as := style(g.paint.dim)
				if j == 0 {
					as = nil
				}
				cells[i] = append(cells[i], span{clean(line), as})
			}
		}
		g.rows = append(g.rows, cells)
	}
	g.render(&b, func() {})
	return write(w, b.Bytes())
}

// Wrap breaks text into lines of at most n columns, 0 for one line, and makes it
// safe to show.
func Wrap(s string, n int) []string { return wrap(clean(s), n) }
