package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// marshal encodes v with a line break at the end. What a terminal would not
// show as text is escaped, which changes nothing for a JSON parser.
func marshal(v any, indent string) ([]byte, error) { return marshalWithin(v, "", indent) }

// marshalWithin is marshal for what stands within something else: prefix begins every line
// but the first.
func marshalWithin(v any, prefix, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode report: %w", err)
	}
	if prefix+indent == "" {
		return escapeJSON(b.Bytes()), nil
	}
	return appendIndented(nil, b.Bytes(), prefix, indent), nil
}

// appendIndented appends JSON that has no white space between its parts as json.Indent
// would write it, with the texts escaped as escapeJSON does: a long report takes a fifth of
// the time.
func appendIndented(to, b []byte, prefix, indent string) []byte {
	depth := 0
	line := func() {
		to = append(append(to, '\n'), prefix...)
		for range depth {
			to = append(to, indent...)
		}
	}
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case '"':
			from, odd := i, false
			for i++; b[i] != '"'; i++ {
				switch c := b[i]; {
				case c == '\\':
					i++
				case c == '[' || c >= 0x7f:
					odd = true
				}
			}
			text := b[from : i+1]
			if odd {
				text = escapeJSON(text)
			}
			to = append(to, text...)
		case '{', '[':
			to = append(to, c)
			if end := b[i+1]; end == '}' || end == ']' {
				to = append(to, end)
				i++
				continue
			}
			depth++
			line()
		case '}', ']':
			depth--
			line()
			to = append(to, c)
		case ',':
			to = append(to, c)
			line()
		case ':':
			to = append(to, ": "...)
		default:
			to = append(to, c)
		}
	}
	return to
}

// escapeJSON escapes what clean would not let through. It only occurs within
// strings.
func escapeJSON(b []byte) []byte {
	for _, command := range []string{"##", "##vso"} {
		if !bytes.Contains(b, []byte(command+"[")) {
			continue // a copy of a large report costs time
		}
		b = bytes.ReplaceAll(b, []byte(command+"["), []byte(command+`\u005b`))
	}
	if !bytes.ContainsFunc(b, jsonUnsafe) {
		return b
	}
	var out bytes.Buffer
	for _, r := range string(b) {
		switch {
		case !jsonUnsafe(r):
			out.WriteRune(r)
		case r >= 0x10000:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.Bytes()
}

// jsonUnsafe includes U+FFFD, which encoding/json writes for bytes that are not
// UTF-8 in its escaped form only.
func jsonUnsafe(r rune) bool { return r != '\n' && (r == utf8.RuneError || unsafeRune(r)) }
