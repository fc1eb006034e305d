package govern

import (
	"strings"
	"unicode/utf8"
)

// pattern is a text in which * is any text and ? one character. Nothing else means
// anything: addresses hold brackets. It is made once and matched with very many texts.
type pattern struct {
	text  string
	parts []string // what stands between the *; nil with a ?
}

func compile(text string) pattern {
	p := pattern{text: text}
	if !strings.Contains(text, "?") {
		p.parts = strings.Split(text, "*")
	}
	return p
}

// none reports whether there is no pattern.
func (p pattern) none() bool { return p.text == "" }

// match reports whether the pattern matches the whole of s.
func (p pattern) match(s string) bool {
	n := len(p.parts)
	switch {
	case n == 0:
		return p.step(s)
	case n == 1:
		return s == p.text
	case !strings.HasPrefix(s, p.parts[0]):
		return false
	}
	s = s[len(p.parts[0]):]
	for _, part := range p.parts[1 : n-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, p.parts[n-1])
}

// step matches character by character, and goes back to the last * only.
func (p pattern) step(s string) bool {
	i, j := 0, 0
	star, from := -1, 0 // the last *, and where the text behind what it stands for begins
	for j < len(s) {
		switch {
		case i < len(p.text) && p.text[i] == '*':
			star, from = i, j
			i++
		case i < len(p.text) && p.text[i] == '?':
			_, width := utf8.DecodeRuneInString(s[j:])
			i++
			j += width
		case i < len(p.text) && p.text[i] == s[j]:
			i++
			j++
		case star >= 0:
			_, width := utf8.DecodeRuneInString(s[from:])
			from += width
			i, j = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(p.text[i:], "*") == ""
}

// anything reports whether a pattern says nothing: it is absent, or only wildcards.
func anything(pattern string) bool { return strings.Trim(pattern, "*?") == "" }
