package store

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

func (p *plain) begin(text []byte) { p.in, p.at, p.odd = text, 0, false }

// ended reports whether the text was read to its end.
func (p *plain) ended() bool { return !p.odd && p.at == len(p.in) }

// open passes the beginning of an object.
func (p *plain) open() {
	p.expect('{')
	p.first = true
}

// next passes the name of the next member of an object, or the object's end.
func (p *plain) next() bool {
	if p.odd || p.passes('}') {
		p.first = false
		return false
	}
	if !p.first {
		p.expect(',')
	}
	p.first = false
	p.name, _ = p.quoted()
	p.expect(':')
	return !p.odd
}

// each passes a list, by f the elements of it. An empty one is given up on: encoding/json
// makes it a slice, and this would leave it nil.
func (p *plain) each(f func()) {
	for p.expect('['); !p.odd; p.expect(',') {
		f()
		if p.passes(']') {
			return
		}
	}
}

func (p *plain) list() (out []string) {
	p.each(func() { out = append(out, p.word()) })
	return out
}

func (p *plain) passes(c byte) bool {
	if p.at == len(p.in) || p.in[p.at] != c {
		return false
	}
	p.at++
	return true
}

func (p *plain) expect(c byte) {
	if !p.passes(c) {
		p.odd = true
	}
}

func (p *plain) flag() bool {
	is := p.at < len(p.in) && p.in[p.at] == 't'
	word := "false"
	if is {
		word = "true"
	}
	if !bytes.HasPrefix(p.in[p.at:], []byte(word)) {
		p.odd = true
		return false
	}
	p.at += len(word)
	return is
}

// number passes a number. They are rare.
func number[T int | float64](p *plain) (n T) {
	from := p.at
	for p.at < len(p.in) && (p.in[p.at] >= '0' && p.in[p.at] <= '9' || p.in[p.at] == '.' || p.in[p.at] == '-' || p.in[p.at] == '+' || p.in[p.at]|0x20 == 'e') {
		p.at++
	}
	if json.Unmarshal(p.in[from:p.at], &n) != nil {
		p.odd = true
	}
	return n
}

// text passes a text that few findings have.
func (p *plain) text() string {
	b, _ := p.quoted()
	return string(b)
}

// word passes a text that many findings have, which is kept once.
func (p *plain) word() string {
	b, ok := p.quoted()
	if !ok {
		return ""
	}
	if s, known := p.words[string(b)]; known {
		return s
	}
	if len(p.words) == maxWords {
		clear(p.words)
	}
	s := string(b)
	p.words[s] = s
	return s
}

// quoted passes a text in quotation marks and returns it as it is until the next call.
func (p *plain) quoted() ([]byte, bool) {
	p.expect('"')
	if p.odd {
		return nil, false
	}
	from, wide := p.at, false
	for ; p.at < len(p.in); p.at++ {
		switch c := p.in[p.at]; {
		case c == '"':
			out := p.in[from:p.at]
			p.at++
			p.odd = wide && !utf8.Valid(out)
			return out, !p.odd
		case c == '\\':
			return p.escaped(from)
		case c < ' ':
			p.odd = true
			return nil, false
		case c >= utf8.RuneSelf:
			wide = true
		}
	}
	p.odd = true
	return nil, false
}

// escaped passes a text with escapes, of which the first one is next. Those for halves of a
// character it gives up on.
func (p *plain) escaped(from int) ([]byte, bool) {
	p.room = append(p.room[:0], p.in[from:p.at]...)
	for p.at < len(p.in) {
		c := p.in[p.at]
		p.at++
		switch {
		case c == '"':
			p.odd = !utf8.Valid(p.room)
			return p.room, !p.odd
		case c < ' ':
			p.odd = true
			return nil, false
		case c != '\\':
			p.room = append(p.room, c)
			continue
		}
		r, ok := p.escape()
		if !ok {
			break
		}
		p.room = utf8.AppendRune(p.room, r)
	}
	p.odd = true
	return nil, false
}

// escape passes what stands after a backslash.
func (p *plain) escape() (rune, bool) {
	if p.at == len(p.in) {
		return 0, false
	}
	c := p.in[p.at]
	p.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		return p.hex()
	}
	return 0, false
}

func (p *plain) hex() (r rune, ok bool) {
	if p.at+4 > len(p.in) {
		return 0, false
	}
	for _, c := range p.in[p.at : p.at+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	p.at += 4
	return r, utf8.ValidRune(r)
}
