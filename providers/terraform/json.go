package terraform

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The functions of this file take apart JSON text that a scanner has passed, so
// they need not check it. They work on slices of the text and decode only what
// is asked for: most of a plan is never looked at.

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// stringEnd returns the index behind the string that opens at b[i].
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); {
		i += ordinary(b[i:])
		switch {
		case i >= len(b):
		case b[i] == '"':
			return i + 1
		case b[i] == '\\':
			i += 2
		default:
			i++
		}
	}
	return len(b)
}

// valueEnd returns the index behind the value that starts at b[i].
func valueEnd(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = stringEnd(b, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			i++
			continue
		default:
			for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
				i++
			}
		}
		if depth <= 0 {
			return i
		}
	}
	return i
}

// walk calls f for every member of the object that begins at b[i], with the key as it
// is written (escaped, without quotes), where that begins, and where the value begins. f
// returns the index behind the value, and walk that behind the object; f may return len(b)
// to have enough. Anything but an object has no members.
func walk(b []byte, i int, f func(key []byte, keyStart, value int) int) int {
	i = space(b, i)
	if i >= len(b) || b[i] != '{' {
		return valueEnd(b, i)
	}
	for i++; ; {
		i = space(b, i)
		if i >= len(b) {
			return i
		}
		if b[i] == '}' {
			return i + 1
		}
		if b[i] == ',' {
			i = space(b, i+1)
		}
		start := i + 1
		end := stringEnd(b, i)
		i = space(b, end)
		i = space(b, i+1) // the colon
		i = f(b[start:end-1], start, i)
	}
}

// members calls f for every member of an object with the key as it is written
// (escaped, without quotes) until f returns false. Anything but an object has
// no members.
func members(b []byte, f func(key, value []byte) bool) {
	walk(b, 0, func(key []byte, _, i int) int {
		end := valueEnd(b, i)
		if !f(key, b[i:end]) {
			return len(b)
		}
		return end
	})
}

// elements calls f for every element of an array until f returns false. Anything
// but an array has no elements.
func elements(b []byte, f func(value []byte) bool) {
	i := space(b, 0)
	if i >= len(b) || b[i] != '[' {
		return
	}
	for i++; ; {
		i = space(b, i)
		if i >= len(b) || b[i] == ']' {
			return
		}
		if b[i] == ',' {
			i = space(b, i+1)
		}
		end := valueEnd(b, i)
		if !f(b[i:end]) {
			return
		}
		i = end
	}
}

// member returns the value of the member, nil when there is none.
func member(b []byte, key string) []byte {
	var out []byte
	members(b, func(k, v []byte) bool {
		if sameKey(k, key) {
			out = v
			return false
		}
		return true
	})
	return out
}

func sameKey(raw []byte, key string) bool {
	return string(raw) == key || hasEscape(raw) && unescape(raw) == key
}

func hasEscape(raw []byte) bool { return bytes.IndexByte(raw, '\\') >= 0 }

// text returns the string that b is, "" when b is none.
func text(b []byte) string {
	if len(b) < 2 || b[0] != '"' {
		return ""
	}
	return unescape(b[1 : len(b)-1])
}

func isTrue(b []byte) bool { return string(b) == "true" }

// decode turns JSON text into Go values. The masks are those of the plan, of the
// same shape: where unknown is true the value is unknown (Deferred), where
// sensitive is true it is unknown (Sensitive) and not even looked at.
func decode(b, unknownMask, sensitiveMask []byte) any {
	if isTrue(sensitiveMask) {
		return unknown{sensitive}
	}
	if isTrue(unknownMask) {
		return unknown{deferred}
	}
	if len(b) == 0 {
		return nil
	}
	if saysNothing(unknownMask) && saysNothing(sensitiveMask) {
		v, _ := valueAt(b, 0)
		return v
	}
	switch b[0] {
	case '{':
		out := map[string]any{}
		members(b, func(k, v []byte) bool {
			key := unescape(k)
			out[key] = decode(v, member(unknownMask, key), member(sensitiveMask, key))
			return true
		})
		// What is unknown is left out of the object.
		members(unknownMask, func(k, v []byte) bool {
			key := unescape(k)
			if _, ok := out[key]; !ok && isTrue(v) {
				out[key] = decode(nil, v, member(sensitiveMask, key))
			}
			return true
		})
		return out
	case '[':
		u, s := list(unknownMask), list(sensitiveMask)
		out := []any{}
		elements(b, func(v []byte) bool {
			out = append(out, decode(v, nth(u, len(out)), nth(s, len(out))))
			return true
		})
		return out
	}
	v, _ := valueAt(b, 0)
	return v
}

// saysNothing reports whether a mask marks nothing.
func saysNothing(mask []byte) bool { return isScalar(mask) || len(mask) == len("{}") }

// valueAt returns the value that starts at b[i], all of it, and the index behind it.
func valueAt(b []byte, i int) (any, int) {
	if i >= len(b) {
		return nil, i
	}
	switch b[i] {
	case '{':
		out := map[string]any{}
		end := walk(b, i, func(key []byte, _, value int) int {
			v, end := valueAt(b, value)
			out[unescape(key)] = v
			return end
		})
		return out, end
	case '[':
		return listAt(b, i)
	case '"':
		end := stringEnd(b, i)
		return text(b[i:end]), end
	}
	end := valueEnd(b, i)
	switch b[i] {
	case 't':
		return true, end
	case 'f':
		return false, end
	case 'n':
		return nil, end
	}
	return number(string(b[i:end])), end
}

func listAt(b []byte, i int) (any, int) {
	out := []any{}
	for i++; ; {
		i = space(b, i)
		if i >= len(b) {
			return out, i
		}
		if b[i] == ']' {
			return out, i + 1
		}
		if b[i] == ',' {
			i = space(b, i+1)
		}
		var v any
		v, i = valueAt(b, i)
		out = append(out, v)
	}
}

// either returns the mask that is true wherever one of two masks is.
func either(a, b []byte) []byte {
	switch {
	case isTrue(a), isScalar(b), bytes.Equal(a, b):
		return a
	case isTrue(b), isScalar(a):
		return b
	case a[0] != b[0]: // of values of another kind
		return []byte("true")
	}
	var out []byte
	switch a[0] {
	case '{':
		members(a, func(k, v []byte) bool {
			out = append(append(append(append(out, ",\""...), k...), "\":"...), either(v, member(b, unescape(k)))...)
			return true
		})
		members(b, func(k, v []byte) bool {
			if member(a, unescape(k)) == nil {
				out = append(append(append(append(out, ",\""...), k...), "\":"...), v...)
			}
			return true
		})
		return object('{', out, '}')
	case '[':
		l, m := list(a), list(b)
		for i := range max(len(l), len(m)) {
			out = append(append(out, ','), either(nth(l, i), nth(m, i))...)
		}
		return object('[', out, ']')
	}
	return a
}

// isScalar reports whether a mask that is not true says nothing of what is below.
func isScalar(b []byte) bool { return len(b) == 0 || b[0] != '{' && b[0] != '[' && !isTrue(b) }

// object puts members that each begin with a comma into brackets.
func object(opening byte, members []byte, closing byte) []byte {
	if len(members) > 0 {
		members = members[1:]
	}
	return append(append([]byte{opening}, members...), closing)
}

func list(b []byte) [][]byte {
	var out [][]byte
	elements(b, func(v []byte) bool { out = append(out, v); return true })
	return out
}

func nth(l [][]byte, i int) []byte {
	if i < len(l) {
		return l[i]
	}
	return nil
}

// number gives an int64 where that is exact.
func number(s string) any {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strconv.FormatFloat(f, 'f', -1, 64) != s {
		return json.Number(s) // more digits than a float64 has, or an exponent
	}
	return f
}

func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return -1
		}
	}
	return r
}

// unescape returns the text of a JSON string without its quotes.
func unescape(b []byte) string {
	i := bytes.IndexByte(b, '\\')
	if i < 0 {
		return string(b)
	}
	out := append(make([]byte, 0, len(b)), b[:i]...)
	for ; i < len(b); i++ {
		if b[i] != '\\' || i+1 >= len(b) {
			out = append(out, b[i])
			continue
		}
		i++
		switch b[i] {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			if i+4 >= len(b) {
				return string(out)
			}
			r := hex4(b[i+1:])
			i += 4
			if utf16.IsSurrogate(r) && i+6 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
				if pair := utf16.DecodeRune(r, hex4(b[i+3:])); pair != utf8.RuneError {
					r = pair
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, b[i])
		}
	}
	return string(out)
}
