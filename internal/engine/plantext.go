package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// planText writes what policies say and do as text, and reads it again: words and
// quoted strings with a space between them, a function on a line, so that a change of
// one policy is a change of its lines.
//
// Writing and reading are one description of each thing: what hands a field to
// the planText has it written, or filled in.
type planText struct {
	out  *strings.Builder
	in   string // what is still to be read, when out is nil
	err  error
	fn   *function // being written or read
	code *code     // that what is read belongs to
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

// quoted is how long the quoted string is that the text begins with, -1 where it has no
// end, and whether it is written as it is.
func quoted(text string) (n int, plain bool) {
	plain = true
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1, plain
		case '\\':
			plain = false
			i++
		}
	}
	return -1, false
}

// peek returns the first byte of the next word; 0 where there is none.
func (t *planText) peek() byte {
	for t.in != "" && t.in[0] == ' ' {
		t.in = t.in[1:]
	}
	if t.in == "" {
		t.fail("the plan ends early")
		return 0
	}
	return t.in[0]
}

// next takes a word.
func (t *planText) next() string {
	if t.peek() == 0 {
		return ""
	}
	n := strings.IndexByte(t.in, ' ')
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
	if t.peek() != '"' {
		t.fail("there is no text where there should be one")
		return
	}
	n, plain := quoted(t.in)
	if n < 0 {
		t.fail("the plan has a string without an end")
		return
	}
	in := t.in[:n]
	if t.in = t.in[n:]; plain {
		*s = S(in[1 : n-1])
		return
	}
	out, err := strconv.Unquote(in)
	if err != nil {
		t.fail("there is no text where there should be one")
	}
	*s = S(out)
}

// integer is a whole number.
func integer[N ~int](t *planText, n *N) {
	if !t.reading() {
		t.put(strconv.Itoa(int(*n)))
		return
	}
	out, err := strconv.Atoi(t.next())
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
