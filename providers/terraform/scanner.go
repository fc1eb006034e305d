package terraform

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a plan; Terraform's own values stay far below.
const maxDepth = 1000

// scanner walks JSON text of any size in a window that holds one value at a
// time. It checks the syntax and the encoding of everything that it passes, so
// that what was scanned can be taken apart again without checks (see json.go).
type scanner struct {
	r    io.ReaderAt
	name string
	doc  document
	size int64
	off  int64 // offset in the file of buf[0]
	buf  []byte
	pos  int
	keep int // first byte of buf that must stay; -1: everything before pos may go
	open int // objects and arrays that object and array are in
}

func newScanner(r io.ReaderAt, size int64, name string, doc document) *scanner {
	return &scanner{r: r, size: size, name: name, doc: doc, keep: -1, buf: make([]byte, 0, 256<<10)}
}

func (s *scanner) offset() int64 { return s.off + int64(s.pos) }

// fail makes the error for the current position.
func (s *scanner) fail(kind Kind, fix, format string, args ...any) *Error {
	return &Error{Kind: kind, File: s.name, Offset: s.offset(), Line: lineAt(s.r, s.offset()), Why: fmt.Sprintf(format, args...), Fix: fix}
}

func (s *scanner) truncated() *Error {
	return s.fail(Truncated, s.doc.rerun+" and check that the disk is not full", "the %s is truncated: the JSON ends in the middle of a value", s.doc.what)
}

// fill reads more text behind the window; it returns io.EOF at the end of the file.
func (s *scanner) fill() error {
	from := s.pos
	if s.keep >= 0 {
		from = s.keep
	}
	if from > 0 {
		n := copy(s.buf, s.buf[from:])
		s.buf = s.buf[:n]
		s.off += int64(from)
		s.pos -= from
		if s.keep >= 0 {
			s.keep = 0
		}
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), s.buf...)
	}
	at := s.off + int64(len(s.buf))
	if at >= s.size {
		return io.EOF
	}
	room := s.buf[len(s.buf):cap(s.buf)]
	n, err := s.r.ReadAt(room[:min(int64(len(room)), s.size-at)], at)
	s.buf = s.buf[:len(s.buf)+n]
	if n > 0 {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return io.EOF // the file became shorter while it was read
	}
	return &Error{Kind: Unreadable, File: s.name, Offset: -1, Why: "the " + s.doc.what + " cannot be read", Err: err}
}

// peek skips white space and returns the next byte, io.EOF at the end.
func (s *scanner) peek() (byte, error) {
	for {
		for s.pos < len(s.buf) {
			switch c := s.buf[s.pos]; c {
			case ' ', '\n', '\t', '\r':
				s.pos++
			default:
				return c, nil
			}
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// next is peek inside a value, where the end of the file is an error.
func (s *scanner) next() (byte, error) {
	if s.pos < len(s.buf) && s.buf[s.pos] > ' ' {
		return s.buf[s.pos], nil
	}
	return s.nextOf()
}

func (s *scanner) nextOf() (byte, error) {
	c, err := s.peek()
	if errors.Is(err, io.EOF) {
		return 0, s.truncated()
	}
	return c, err
}

func (s *scanner) expect(want byte) error {
	if s.pos < len(s.buf) && s.buf[s.pos] == want {
		s.pos++
		return nil
	}
	return s.expected(want)
}

func (s *scanner) expected(want byte) error {
	c, err := s.next()
	if err != nil {
		return err
	}
	if c != want {
		return s.fail(Syntax, s.doc.rerun, "this is not JSON: found %q where %q was expected", c, want)
	}
	s.pos++
	return nil
}

// str passes the string at the current position; it returns the text between
// the quotes, still escaped, valid until the next call.
func (s *scanner) str() ([]byte, error) {
	if err := s.expect('"'); err != nil {
		return nil, err
	}
	start := s.pos
	wide, escaped := false, false
	for i := start; ; {
		for i >= len(s.buf) { // more than that, when the second half of an escape is missing
			moved, err := s.extend(start)
			if err != nil {
				return nil, err
			}
			start, i = start-moved, i-moved
		}
		i += ordinary(s.buf[i:])
		switch {
		case i >= len(s.buf):
		case s.buf[i] == '\\':
			escaped = true
			i += 2
		case s.buf[i] != '"':
			wide = true
			i++
		default:
			text := s.buf[start:i]
			if wide && !utf8.Valid(text) {
				s.pos = start
				return nil, s.fail(Encoding, s.doc.rerun+" without converting the file", "the %s holds bytes that are not UTF-8", s.doc.what)
			}
			if escaped && !validEscapes(text) {
				s.pos = start
				return nil, s.fail(Syntax, s.doc.rerun, "this is not JSON: a string holds an escape sequence that JSON does not have")
			}
			s.pos = i + 1
			return text, nil
		}
	}
}

// extend reads more of a value and keeps what begins at start. It returns by how much
// that has moved to the front.
func (s *scanner) extend(start int) (moved int, err error) {
	outer := s.keep
	if outer < 0 {
		s.keep = start
	}
	kept := s.keep
	s.pos = len(s.buf)
	err = s.fill()
	moved = kept - s.keep
	s.keep = min(outer, s.keep)
	if errors.Is(err, io.EOF) {
		err = s.truncated()
	}
	return moved, err
}

// skip passes one value of any kind.
func (s *scanner) skip() error {
	stack := make([]byte, 0, 64) // the closing bracket of every open value
	for {
		c, err := s.next()
		if err != nil {
			return err
		}
		opened := false
		switch c {
		case '{', '[':
			if len(stack) == maxDepth {
				return s.fail(Syntax, s.doc.rerun, "the JSON is nested more than %d levels deep", maxDepth)
			}
			s.pos++
			stack = append(stack, c+2) // '{' and '}', '[' and ']' are two apart
			opened = true
		case '"':
			if _, err := s.str(); err != nil {
				return err
			}
		default:
			if err := s.scalar(c); err != nil {
				return err
			}
		}
		// Between values: closing brackets, a comma, a key.
		for {
			if len(stack) == 0 {
				return nil
			}
			closing := stack[len(stack)-1]
			c, err := s.next()
			if err != nil {
				return err
			}
			if c == closing {
				s.pos++
				stack = stack[:len(stack)-1]
				opened = false
				continue
			}
			if !opened {
				if c != ',' {
					return s.fail(Syntax, s.doc.rerun, "this is not JSON: found %q where ',' or %q was expected", c, closing)
				}
				s.pos++
			}
			if closing == '}' {
				if _, err := s.str(); err != nil {
					return err
				}
				if err := s.expect(':'); err != nil {
					return err
				}
			}
			break
		}
	}
}

// scalar passes a number, true, false or null.
func (s *scanner) scalar(c byte) error {
	word := ""
	switch c {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	case 'n':
		word = "null"
	default:
		return s.number()
	}
	for len(s.buf)-s.pos < len(word) {
		if err := s.fill(); errors.Is(err, io.EOF) {
			return s.truncated()
		} else if err != nil {
			return err
		}
	}
	if string(s.buf[s.pos:s.pos+len(word)]) != word {
		return s.fail(Syntax, s.doc.rerun, "this is not JSON: unexpected %q", s.buf[s.pos:s.pos+len(word)])
	}
	s.pos += len(word)
	return nil
}

func (s *scanner) number() error {
	outer := s.keep
	if outer < 0 {
		s.keep = s.pos
	}
	n := 0 // bytes of the number passed
	for ; ; n++ {
		if s.pos == len(s.buf) {
			if err := s.fill(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return err
			}
		}
		if c := s.buf[s.pos]; (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			break
		}
		s.pos++
	}
	word := s.buf[s.pos-n : s.pos]
	s.keep = min(outer, s.keep)
	switch {
	case n == 0:
		return s.fail(Syntax, s.doc.rerun, "this is not JSON: unexpected %q", s.buf[s.pos])
	case !validNumber(word):
		return s.fail(Syntax, s.doc.rerun, "this is not JSON: %q is no number", word)
	}
	return nil
}

// enter counts one more open object or array.
func (s *scanner) enter() error {
	if s.open++; s.open > maxDepth {
		return s.fail(Syntax, s.doc.rerun, "the JSON is nested more than %d levels deep", maxDepth)
	}
	return nil
}

// object calls f for every member of the object at the current position; f has
// to pass the value.
func (s *scanner) object(f func(key string) error) error {
	if err := s.expect('{'); err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer func() { s.open-- }()
	for first := true; ; first = false {
		c, err := s.next()
		if err != nil {
			return err
		}
		if c == '}' {
			s.pos++
			return nil
		}
		if !first {
			if err := s.expect(','); err != nil {
				return err
			}
		}
		if _, err := s.next(); err != nil {
			return err
		}
		raw, err := s.str()
		if err != nil {
			return err
		}
		key := unescape(raw)
		if err := s.expect(':'); err != nil {
			return err
		}
		if err := f(key); err != nil {
			return err
		}
	}
}

// array calls f for every element of the array at the current position; f has
// to pass the value.
func (s *scanner) array(f func() error) error {
	if err := s.expect('['); err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer func() { s.open-- }()
	for first := true; ; first = false {
		c, err := s.next()
		if err != nil {
			return err
		}
		if c == ']' {
			s.pos++
			return nil
		}
		if !first {
			if err := s.expect(','); err != nil {
				return err
			}
		}
		if err := f(); err != nil {
			return err
		}
	}
}

// raw passes one value and returns its text, valid until the next call, and its
// offset in the file.
func (s *scanner) raw() ([]byte, int64, error) {
	if _, err := s.next(); err != nil {
		return nil, 0, err
	}
	s.keep = s.pos
	err := s.skip()
	start := s.keep
	s.keep = -1
	if err != nil {
		return nil, 0, err
	}
	return s.buf[start:s.pos], s.off + int64(start), nil
}
