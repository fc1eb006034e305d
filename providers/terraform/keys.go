package terraform

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// pickByKey returns which of several texts a finding may be about: those that have all
// the words of the finding's key that any of them, or the other text, has.
func pickByKey(key string, texts [][]string, other []string) []int {
	told := slices.DeleteFunc(words(key), func(w string) bool {
		return !slices.Contains(other, w) && !slices.ContainsFunc(texts, func(t []string) bool { return slices.Contains(t, w) })
	})
	var out []int
	for i, t := range texts {
		if !slices.ContainsFunc(told, func(w string) bool { return !slices.Contains(t, w) }) {
			out = append(out, i)
		}
	}
	return out
}

// words are the parts of a text that are letters and digits, in lower case.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// leaves appends the words of every known value at or below v.
func leaves(v any, out []string) []string {
	switch v := v.(type) {
	case nil, unknown:
	case map[string]any:
		for _, e := range v {
			out = leaves(e, out)
		}
	case []any:
		for _, e := range v {
			out = leaves(e, out)
		}
	default:
		out = append(out, words(fmt.Sprint(v))...)
	}
	return out
}

// words are those of every value that is written in the element.
func (e element) words() []string {
	out := words(e.text)
	for _, p := range e.parts {
		out = append(out, p.words()...)
	}
	return out
}

// computed reports whether a value in the element is not written as it will be.
func (e element) computed() bool { return e.open || slices.ContainsFunc(e.parts, element.computed) }

// words are those of the values that the block gives: all of a satellite's, and of the
// resource itself those of the attribute.
func (w *written) words(attribute string) []string {
	if !w.foreign {
		return leaves(w.n.at(attribute), nil)
	}
	return leaves(decode(w.n.after.text, w.n.unknownMask.text, w.n.sensitiveMask.text), nil)
}
