package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ir"
)

// planText writes functions of OPA's IR as text, and reads them again: words and
// quoted strings with a space between them, a function on a line, so that a change of
// one policy is a change of its lines. Places in the source are left out.
//
// Writing and reading are one description of each statement: what hands a field to
// the planText has it written, or filled in.
type planText struct {
	static *ir.Static // the strings that statements refer to
	out    *strings.Builder
	in     string // what is still to be read, when out is nil
	err    error
}

func (t *planText) reading() bool { return t.out == nil }

func (t *planText) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
	t.in = ""
}

func (t *planText) put(word string) {
	if t.out.Len() > 0 {
		t.out.WriteByte(' ')
	}
	t.out.WriteString(word)
}

// quoted is how long the quoted string is that the text begins with; -1 where it has no
// end.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// next takes a word, or a string with its quotes.
func (t *planText) next() string {
	t.in = strings.TrimLeft(t.in, " ")
	if t.in == "" {
		t.fail("the plan ends early")
		return ""
	}
	n := strings.IndexByte(t.in, ' ')
	if t.in[0] == '"' {
		if n = quoted(t.in); n < 0 {
			t.fail("the plan has a string without an end")
			return ""
		}
	}
	if n < 0 {
		n = len(t.in)
	}
	word := t.in[:n]
	t.in = t.in[n:]
	return word
}

func (t *planText) text(s *string) { word(t, s) }

// word is a text of any type.
func word[S ~string](t *planText, s *S) {
	if !t.reading() {
		t.put(strconv.Quote(string(*s)))
		return
	}
	in := t.next()
	out, err := strconv.Unquote(in)
	if err != nil || in[0] != '"' {
		t.fail("there is no text where there should be one")
	}
	*s = S(out)
}

// integer is a whole number of any of the IR's types.
func integer[N ir.Local | int | int32 | int64 | uint32](t *planText, n *N) {
	if !t.reading() {
		t.put(strconv.FormatInt(int64(*n), 10))
		return
	}
	out, err := strconv.ParseInt(t.next(), 10, 64)
	if err != nil {
		t.fail("the plan has no number where it should have one")
	}
	*n = N(out)
}

func (t *planText) flag(b *bool) {
	if !t.reading() {
		t.put(strconv.FormatBool(*b))
		return
	}
	switch w := t.next(); w {
	case "true", "false":
		*b = w == "true"
	default:
		t.fail("the plan has %q where it should have true or false", w)
	}
}

// str is the index of one of the static strings; the text has the string itself.
func (t *planText) str(i *int) {
	var s string
	if !t.reading() {
		s = t.static.Strings[*i].Value
	}
	t.text(&s)
	if t.reading() {
		*i = len(t.static.Strings)
		t.static.Strings = append(t.static.Strings, &ir.StringConst{Value: s})
	}
}

func (t *planText) operand(o *ir.Operand) {
	if !t.reading() {
		switch v := o.Value.(type) {
		case ir.Local:
			integer(t, &v)
		case ir.StringIndex:
			i := int(v)
			t.str(&i)
		case ir.Bool:
			b := bool(v)
			t.flag(&b)
		default:
			t.fail("an operand is a %T", v)
		}
		return
	}
	t.in = strings.TrimLeft(t.in, " ")
	switch {
	case strings.HasPrefix(t.in, `"`):
		var i int
		t.str(&i)
		o.Value = ir.StringIndex(i)
	case strings.HasPrefix(t.in, "true"), strings.HasPrefix(t.in, "false"):
		var b bool
		t.flag(&b)
		o.Value = ir.Bool(b)
	default:
		var l ir.Local
		integer(t, &l)
		o.Value = l
	}
}

// list is how many elements there are, and each of them.
func list[E any](t *planText, out *[]E, each func(*E)) {
	n := len(*out)
	integer(t, &n)
	if t.reading() {
		if *out = nil; n > 0 {
			*out = make([]E, min(n, len(t.in)))
		}
	}
	for i := range *out {
		each(&(*out)[i])
	}
}

func (t *planText) operands(out *[]ir.Operand) { list(t, out, t.operand) }

func (t *planText) locals(out *[]ir.Local) {
	list(t, out, func(l *ir.Local) { integer(t, l) })
}

func (t *planText) blocks(out *[]*ir.Block) { list(t, out, t.block) }

// words are texts of any type.
func words[S ~string](t *planText, out *[]S) {
	list(t, out, func(s *S) { word(t, s) })
}

func (t *planText) paths(out *[][]string) {
	list(t, out, func(steps *[]string) { words(t, steps) })
}

// table is a map by texts, in their order.
func table[K ~string, V any](t *planText, out *map[K]V, value func(*V)) {
	keys := slices.Sorted(maps.Keys(*out))
	words(t, &keys)
	if t.reading() && len(keys) > 0 {
		*out = make(map[K]V, len(keys))
	}
	for _, k := range keys {
		v := (*out)[k]
		value(&v)
		if t.reading() {
			(*out)[k] = v
		}
	}
}

// block is statements between braces.
func (t *planText) block(b **ir.Block) {
	if !t.reading() {
		t.put("{")
		if *b != nil {
			for _, s := range (*b).Stmts {
				if _, nop := s.(*ir.NopStmt); nop {
					continue
				}
				t.put(wordOf(s))
				t.fields(s) // fails where there is no word
			}
		}
		t.put("}")
		return
	}
	if w := t.next(); w != "{" {
		t.fail("the plan has %q where a block should begin", w)
		return
	}
	*b = &ir.Block{}
	for t.err == nil {
		w := t.next()
		if w == "}" {
			return
		}
		s := statement(w)
		if s == nil {
			t.fail("the plan has the statement %q, which is none", w)
			return
		}
		t.fields(s)
		(*b).Stmts = append((*b).Stmts, s)
	}
}

// function is what a line has after the function's name.
func (t *planText) function(f *ir.Func) {
	t.locals(&f.Params)
	integer(t, &f.Return)
	t.blocks(&f.Blocks)
	if t.reading() && t.err == nil && strings.TrimSpace(t.in) != "" {
		t.err = errors.New("the plan goes on after the function's end")
	}
}
