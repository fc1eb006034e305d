package terraform

import (
	"cmp"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Comment is a line of comment in the files that a plan was made from.
type Comment struct {
	Text string // without the # or // and the space around it
	File string // relative to the directory of the root module, as Source.File
	Line int    // 1 is the first
	// Address is the resource or module call that it belongs to, without instance
	// keys: "module.vpc.aws_security_group.web", "module.vpc". A comment belongs to the
	// block that it is directly above of, whose first line it ends, or in whose body it
	// is, nested blocks and values of several lines left out. "" is no such block.
	Address string
	// First and Last are the lines of that block, 0 where there is none.
	First, Last int
}

// Comments returns the comments in the sources of the plan's modules whose text begins
// with the prefix, sorted by file, line and address. A file that two calls use as their
// module counts for each of them. Modules that terraform init fetched are left out: who
// wrote them does not answer for this plan. So are files in JSON, which has no comments.
func (p *Provider) Comments(prefix string) []Comment {
	if p.sources == nil {
		return nil
	}
	p.sources.mu.Lock()
	defer p.sources.mu.Unlock()
	out := p.sources.comments(p.ix.root, prefix)
	slices.SortFunc(out, compareComments)
	return slices.Compact(out)
}

// compareComments orders comments by where they are.
func compareComments(a, b Comment) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Text, b.Text))
}

// comments returns the comments of the module and of those that it calls.
func (s *sources) comments(m *module, prefix string) []Comment {
	var out []Comment
	if dir, ok := s.dir(m); ok && !fetched(dir) {
		if src := s.module(m); src != nil {
			for _, file := range src.files {
				b, err := fs.ReadFile(s.files, file)
				if err != nil {
					s.notes["the comments of "+s.relative(file)+" cannot be read: "+err.Error()] = true
					continue
				}
				out = append(out, commentsOf(b, s.relative(file), m.prefix(), prefix)...)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.calls)) {
		out = append(out, s.comments(m.calls[name].module, prefix)...)
	}
	return out
}

// fetched reports whether the directory is one into which terraform init puts modules.
func fetched(dir string) bool {
	return strings.HasPrefix(dir, ".terraform/") || strings.Contains(dir, "/.terraform/")
}

// prefix is what addresses of the module's resources begin with, without instance keys.
func (m *module) prefix() string {
	if m.parent == nil {
		return ""
	}
	return m.parent.prefix() + "module." + m.name + "."
}

// commentsOf returns the comments of one file in native syntax.
func commentsOf(b []byte, file, module, prefix string) []Comment {
	if !strings.Contains(string(b), prefix) {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(b, file, hcl.InitialPos) // what is no HCL has been noted
	var blocks hclsyntax.Blocks
	if f, _ := hclsyntax.ParseConfig(b, file, hcl.InitialPos); f != nil {
		if body, ok := f.Body.(*hclsyntax.Body); ok {
			blocks = body.Blocks
		}
	}
	lines := commentLines(tokens)
	var out []Comment
	for _, t := range tokens {
		text, ok := commentText(t)
		if !ok || !strings.HasPrefix(text, prefix) {
			continue
		}
		c := Comment{Text: text, File: file, Line: t.Range.Start.Line}
		if block, owner := ownerOf(c.Line, blocks, lines); owner != "" {
			c.Address, c.First, c.Last = module+owner, block.TypeRange.Start.Line, block.CloseBraceRange.End.Line
		}
		out = append(out, c)
	}
	return out
}

// commentText returns what a comment of one line says.
func commentText(t hclsyntax.Token) (string, bool) {
	if t.Type != hclsyntax.TokenComment {
		return "", false
	}
	text, ok := strings.CutPrefix(string(t.Bytes), "#")
	if !ok {
		text, ok = strings.CutPrefix(string(t.Bytes), "//")
	}
	return strings.TrimSpace(text), ok
}

// commentLines returns the lines that hold a comment and nothing else.
func commentLines(tokens hclsyntax.Tokens) map[int]bool {
	out, code := map[int]bool{}, map[int]bool{}
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenNewline, hclsyntax.TokenEOF:
		case hclsyntax.TokenComment:
			last := t.Range.End.Line
			if t.Range.End.Column == 1 { // it ends with its line
				last--
			}
			for l := t.Range.Start.Line; l <= last; l++ {
				out[l] = true
			}
		default:
			for l := t.Range.Start.Line; l <= t.Range.End.Line; l++ {
				code[l] = true
			}
		}
	}
	maps.DeleteFunc(out, func(l int, _ bool) bool { return code[l] })
	return out
}

// ownerOf returns the block that a comment belongs to, and its address in its module.
func ownerOf(line int, blocks hclsyntax.Blocks, lines map[int]bool) (*hclsyntax.Block, string) {
	for _, block := range blocks {
		first, last := block.TypeRange.Start.Line, block.CloseBraceRange.End.Line
		above := line
		for lines[above] && above < first {
			above++
		}
		if above != first && (line < first || line > last) {
			continue
		}
		if line > first && inValue(line, block.Body) {
			return nil, ""
		}
		switch {
		case block.Type == "resource" && len(block.Labels) == 2:
			return block, block.Labels[0] + "." + block.Labels[1]
		case block.Type == "module" && len(block.Labels) == 1:
			return block, "module." + block.Labels[0]
		}
		return nil, ""
	}
	return nil, ""
}

// inValue reports whether a line of a body is within a nested block or a value of
// several lines, the lines on which these end left out.
func inValue(line int, body *hclsyntax.Body) bool {
	for _, a := range body.Attributes {
		if r := a.SrcRange; line >= r.Start.Line && line < r.End.Line {
			return true
		}
	}
	for _, b := range body.Blocks {
		if line >= b.TypeRange.Start.Line && line <= b.CloseBraceRange.End.Line {
			return true
		}
	}
	return false
}
