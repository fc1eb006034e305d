package yamlfile

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// What no file that a person writes comes near. Without a limit some kilobytes take all
// the memory that there is.
const (
	mostDepth  = 100     // of lists and sections within one another
	mostValues = 1 << 20 // that aliases stand for, all together
)

// checkTokens refuses what is nested too deeply for the parser, and *name where no &name
// is: most often a pattern that was not quoted. The YAML library tells neither what is
// wrong nor where.
//
// refers says that there are anchors, aliases or tags.
func checkTokens(text []byte, name string) (refers bool, err error) {
	anchors := map[string]bool{}
	flow, dashes, line := 0, 0, 0 // [ and { that are open, and the - of a line
	for _, t := range lexer.Tokenize(string(text)) {
		if t.Position.Line != line {
			dashes, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType:
			dashes++
		case token.AnchorType:
			refers = true
			if t.Next != nil {
				anchors[t.Next.Value] = true
			}
		case token.AliasType:
			to := ""
			if t.Next != nil && t.Next.Position.Line == t.Position.Line {
				to = t.Next.Value
			}
			if !anchors[to] {
				return false, fmt.Errorf(`%s: a bare * refers to something that is defined with &; put a pattern into quotes: "*"`, at(name, t))
			}
		case token.TagType:
			refers = true
		default:
		}
		if flow > mostDepth || dashes > mostDepth {
			return false, fmt.Errorf("%s: more than %d lists and sections are within one another here", at(name, t), mostDepth)
		}
	}
	return refers, nil
}

// checkSize refuses aliases of aliases that stand for more than anybody means.
func checkSize(file *ast.File, name string) error {
	c := counter{anchors: map[string]int{}}
	for _, d := range file.Docs {
		if c.count(d.Body); c.over != nil {
			return fmt.Errorf("%s: the aliases up to here stand for more than %d values; write them out", at(name, c.over.GetToken()), mostValues)
		}
	}
	return nil
}

// counter counts the values that aliases stand for, each time.
type counter struct {
	anchors map[string]int // values below each anchor, with those of aliases
	total   int
	over    ast.Node // at which there were too many; nil is none
}

func (c *counter) count(n ast.Node) int {
	sum := 1
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			sum += c.count(v)
		}
	case *ast.MappingValueNode:
		sum += c.count(n.Value)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			sum += c.count(v)
		}
	case *ast.TagNode:
		sum += c.count(n.Value)
	case *ast.AnchorNode:
		sum += c.count(n.Value)
		c.anchors[n.Name.GetToken().Value] = min(sum, mostValues+1)
	case *ast.AliasNode:
		below := c.anchors[n.Value.GetToken().Value]
		sum += below
		if c.total += below; c.total > mostValues && c.over == nil {
			c.over = n
		}
	}
	return sum
}

// filled reports whether there is anything in the document.
func filled(d *ast.DocumentNode) bool { return d.Body != nil && d.Body.Type() != ast.NullType }
