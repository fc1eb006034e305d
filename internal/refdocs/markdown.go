package refdocs

import (
	"fmt"
	"strings"
	"unicode"
)

// page is a Markdown document in the making.
type page struct{ b strings.Builder }

// String returns the document: it ends in one line break.
func (p *page) String() string { return strings.TrimRight(p.b.String(), "\n") + "\n" }

func (p *page) heading(level int, text string) {
	fmt.Fprintf(&p.b, "%s %s\n\n", strings.Repeat("#", level), text)
}

// lineWidth is where running text is broken.
const lineWidth = 120

// text writes a paragraph, broken into lines.
func (p *page) text(s string) { p.b.WriteString(wrap(s, "", "") + "\n\n") }

func (p *page) list(items []string) {
	for _, it := range items {
		p.b.WriteString(wrap(it, "- ", "  ") + "\n")
	}
	p.b.WriteByte('\n')
}

// table writes rows under a head. Cells are Markdown already; only what would end
// a cell is escaped.
func (p *page) table(head []string, rows [][]string) {
	cell := strings.NewReplacer("|", "\\|", "\n", " ")
	line := func(cells []string) {
		p.b.WriteByte('|')
		for _, c := range cells {
			p.b.WriteString(" " + cell.Replace(c) + " |")
		}
		p.b.WriteByte('\n')
	}
	line(head)
	p.b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, r := range rows {
		line(r)
	}
	p.b.WriteByte('\n')
}

func (p *page) block(language string, lines []string) {
	fmt.Fprintf(&p.b, "```%s\n%s\n```\n\n", language, strings.Join(lines, "\n"))
}

// wrap breaks running text at white space.
func wrap(s, first, rest string) string {
	var out strings.Builder
	line := first
	empty := true
	for _, word := range strings.Fields(s) {
		if !empty && len(line)+1+len(word) > lineWidth {
			out.WriteString(line + "\n")
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	out.WriteString(line)
	return out.String()
}

func code(s string) string { return "`" + s + "`" }

func codes(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = code(s)
	}
	return strings.Join(out, ", ")
}

// plain protects text of people from being taken for Markdown: what it has of <, >
// and * means itself. Between backquotes it is Markdown already.
func plain(s string) string {
	escape := strings.NewReplacer("<", "&lt;", ">", "&gt;", "*", `\*`)
	parts := strings.Split(s, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = escape.Replace(parts[i])
	}
	return strings.Join(parts, "`")
}

// title begins with a capital letter.
func title(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return string(unicode.ToUpper(r[0])) + string(r[1:])
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
