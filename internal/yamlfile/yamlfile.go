// Package yamlfile reads the YAML files that people write for metsuke, strictly: one
// document, no unknown key, no wrong type, and the file, line and column of whatever
// is wrong. What the files mean is for its callers to say.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// File knows where in a file that was read something stands. The zero value knows
// nothing.
type File struct {
	name     string
	file     *ast.File
	resolved *ast.File // the same without anchors and aliases; nil where there are none
}

// Read decodes the text into a pointer to a struct whose fields have yaml tags. name
// stands in errors, which begin with name:line:column. An empty file changes nothing.
func Read(text []byte, name string, into any) (f File, err error) {
	defer func() {
		// The YAML library panics on some input that is no YAML.
		if r := recover(); r != nil {
			f, err = File{}, fmt.Errorf("%s: it cannot be read as YAML: %v", name, r)
		}
	}()
	if text, err = plainUTF8(text, name); err != nil {
		return File{}, err
	}
	refers, err := checkTokens(text, name)
	if err != nil {
		return File{}, err
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return File{}, located(name, into, err)
	}
	if n := len(file.Docs); n > 1 && slices.ContainsFunc(file.Docs[1:], filled) {
		return File{}, fmt.Errorf("%s: the file holds %d YAML documents, separated by ---; it has to be one", at(name, file.Docs[1].Start), n)
	}
	if err := checkSize(file, name); err != nil {
		return File{}, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return File{}, located(name, into, err)
	}
	f = File{name: name, file: file}
	if refers {
		if f.resolved, err = parser.ParseBytes(text, 0); err != nil {
			return File{}, located(name, into, err)
		}
		resolve(f.resolved)
	}
	return f, nil
}

// plainUTF8 takes away the mark with which editors on Windows begin a file, and refuses
// other encodings, which would be read as other keys and values.
func plainUTF8(text []byte, name string) ([]byte, error) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, fmt.Errorf("%s: the file is in UTF-16, as PowerShell writes it; save it as UTF-8", name)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	for i, line := range bytes.Split(text, []byte("\n")) {
		if !utf8.Valid(line) {
			return nil, fmt.Errorf("%s:%d: the line is not in UTF-8; save the file as UTF-8", name, i+1)
		}
	}
	return text, nil
}

// At returns name:line:column of the value of a key such as "scan.fail_on" or
// "outputs[0].format", and only the name when it is not there.
func (f File) At(key string) string {
	if n := f.node(key); n != nil {
		return at(f.name, first(n))
	}
	return f.name
}

// first is the token with which a node begins. The library gives a section the colon
// behind its first key.
func first(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return first(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return first(n.Key)
	}
	return n.GetToken()
}

// Line returns the line on which the value of a key begins, 1 is the first, and 0 when
// the key is not there.
func (f File) Line(key string) int {
	n := f.node(key)
	if n == nil {
		return 0
	}
	if t := first(n); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// Has reports whether the key is there, with or without a value.
func (f File) Has(key string) bool { return f.node(key) != nil }

// node returns the node of a key: where it is written, if need be behind an alias.
func (f File) node(key string) ast.Node {
	path, err := yaml.PathString("$." + key)
	if err != nil {
		return nil
	}
	for _, file := range []*ast.File{f.file, f.resolved} {
		if file == nil || len(file.Docs) == 0 || file.Docs[0].Body == nil {
			continue
		}
		if node, err := path.FilterNode(file.Docs[0].Body); err == nil && node != nil {
			return node
		}
	}
	return nil
}

func at(name string, t *token.Token) string {
	if t == nil || t.Position == nil {
		return name
	}
	return fmt.Sprintf("%s:%d:%d", name, t.Position.Line, t.Position.Column)
}

// Wrong is the error of an UnmarshalYAML that does not like the node. Read puts the
// place before it.
func Wrong(n ast.Node, format string, args ...any) error {
	return &yaml.SyntaxError{Message: fmt.Sprintf(format, args...), Token: n.GetToken()}
}

// Text is a string that may be written like a number: it keeps the zeros at its
// beginning, which account ids have and YAML takes for an octal number.
type Text string

// UnmarshalYAML reads a scalar as it is written.
func (t *Text) UnmarshalYAML(n ast.Node) error {
	switch n := n.(type) {
	case *ast.StringNode:
		*t = Text(n.Value)
	case *ast.LiteralNode:
		*t = Text(n.Value.Value)
	case *ast.NullNode:
		*t = ""
	case *ast.AnchorNode:
		return t.UnmarshalYAML(n.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		*t = Text(strings.TrimSpace(n.GetToken().Value))
	default:
		return Wrong(n, "this is %s, where a string belongs", nodeName(n.Type()))
	}
	return nil
}

// Texts are texts that may be written as one, without a list.
type Texts []Text

// UnmarshalYAML reads a list of scalars, or one.
func (t *Texts) UnmarshalYAML(n ast.Node) error {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		if n.Type() == ast.NullType {
			return nil
		}
		var one Text
		if err := one.UnmarshalYAML(n); err != nil {
			return Wrong(n, "this is %s, where a string or a list of strings belongs", nodeName(n.Type()))
		}
		*t = Texts{one}
		return nil
	}
	texts, err := scalars(list)
	*t = texts
	return err
}

// List is a list of strings that may be written like numbers, as a Text may.
type List []string

// UnmarshalYAML reads a list of scalars as they are written.
func (l *List) UnmarshalYAML(n ast.Node) error {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		return Wrong(n, "this is %s, where a list belongs", nodeName(n.Type()))
	}
	texts, err := scalars(list)
	*l = make(List, len(texts))
	for i, t := range texts {
		(*l)[i] = string(t)
	}
	return err
}

// scalars reads the items of a list, none of which is empty.
func scalars(list *ast.SequenceNode) (Texts, error) {
	out := Texts{}
	for _, item := range list.Values {
		if item.Type() == ast.NullType {
			return nil, Wrong(item, "this is empty, where a string belongs")
		}
		var one Text
		if err := one.UnmarshalYAML(item); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}
