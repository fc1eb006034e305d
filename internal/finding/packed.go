package finding

import (
	"iter"
	"strings"
)

// Packed keeps findings in a fraction of the memory that they take as they are, and where
// the garbage collector has nothing to look through: a run of a large plan has hundreds of
// thousands. The zero value is empty and ready to use.
type Packed struct {
	pages []string        // full
	page  strings.Builder // the last one
	n     int
	names names
	text  []byte // of one finding
}

// pageSize is how many bytes of findings are together. What was unpacked keeps its page.
const pageSize = 64 << 10

// Add appends a finding.
func (p *Packed) Add(f Finding) {
	c := codec{names: &p.names, out: p.text[:0]}
	code(&c, &f)
	p.text = c.out
	if p.page.Len()+len(p.text) > p.page.Cap() {
		if p.page.Len() > 0 {
			p.pages = append(p.pages, p.page.String())
		}
		p.page = strings.Builder{}
		p.page.Grow(max(pageSize, len(p.text)))
	}
	p.page.Write(p.text)
	p.n++
}

// Len returns how many findings there are.
func (p *Packed) Len() int { return p.n }

// All returns the findings in the order in which they were added. They share memory with
// the pages.
func (p *Packed) All() iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		for _, page := range append(p.pages[:len(p.pages):len(p.pages)], p.page.String()) {
			for c := (codec{names: &p.names, reading: true, in: page}); c.in != ""; {
				var f Finding
				if code(&c, &f); !yield(f) {
					return
				}
			}
		}
	}
}

// Findings returns the findings in the order in which they were added.
func (p *Packed) Findings() []Finding {
	out := make([]Finding, 0, p.n)
	for f := range p.All() {
		out = append(out, f)
	}
	return out
}

// names numbers strings that occur again and again.
type names struct {
	numbers map[string]uint64
	all     []string
	last    [32]uint64 // in the same place of the finding before, which often has the same
}

// number returns that of a string in the place of a finding.
func (n *names) number(s string, place int) uint64 {
	last := &n.last[place%len(n.last)]
	if *last < uint64(len(n.all)) && n.all[*last] == s {
		return *last
	}
	*last = n.numberOf(s)
	return *last
}

func (n *names) numberOf(s string) uint64 {
	if i, ok := n.numbers[s]; ok {
		return i
	}
	if n.numbers == nil {
		n.numbers = map[string]uint64{}
	}
	s = strings.Clone(s) // it may be part of something large
	i := uint64(len(n.all))
	n.numbers[s], n.all = i, append(n.all, s)
	return i
}
