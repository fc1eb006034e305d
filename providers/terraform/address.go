package terraform

import (
	"strconv"
	"strings"
)

// step is one part of an address or of a reference: a name and, where it was
// indexed, the key.
type step struct {
	name string
	key  any // nil, string or int64; anyKey where it could not be told
}

// anyKey is the key of an instance that could not be told: every instance may be meant.
type anyKey struct{}

// selfKey is the key of the instance that the reference is written in: each.key or
// count.index. Only references from the sources have it.
type selfKey struct{}

// parseSteps splits an address or reference at its dots:
// `module.a["x.y"].aws_s3_bucket.b[0].id`.
func parseSteps(s string) []step {
	var out []step
	for len(s) > 0 {
		end := strings.IndexAny(s, ".[")
		if end < 0 {
			return append(out, step{name: s})
		}
		st := step{name: s[:end]}
		s = s[end:]
		for strings.HasPrefix(s, "[") {
			var key any
			key, s = parseKey(s[1:])
			if st.key == nil {
				st.key = key // a second index is into the attribute's value
			}
		}
		out = append(out, st)
		s = strings.TrimPrefix(s, ".")
	}
	return out
}

// parseKey reads `"x"]...` or `0]...` and returns what follows.
func parseKey(s string) (any, string) {
	if !strings.HasPrefix(s, `"`) {
		word, rest, _ := strings.Cut(s, "]")
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			return n, rest
		}
		if word == "self" {
			return selfKey{}, rest
		}
		return anyKey{}, rest
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			_, rest, _ := strings.Cut(s[i:], "]")
			return b.String(), rest
		case c == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				b.WriteByte('\n')
			case 'r':
				b.WriteByte('\r')
			case 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(s[i])
			}
		case (c == '$' || c == '%') && strings.HasPrefix(s[i+1:], string(c)+"{"):
			b.WriteByte(c)
			i++
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// parseModule splits a module address into its calls:
// `module.a["x"].module.b` is a["x"], b.
func parseModule(address string) []step {
	var out []step
	for i, st := range parseSteps(address) {
		if i%2 == 1 {
			out = append(out, st)
		}
	}
	return out
}

// callPath joins the names of module calls: the module, whatever the instance.
func callPath(calls []step) string {
	names := make([]string, len(calls))
	for i, c := range calls {
		names[i] = c.name
	}
	return strings.Join(names, ".")
}

// instancePath writes a module instance, whatever its keys, in one way.
func instancePath(calls []step) string {
	var b strings.Builder
	for _, c := range calls {
		b.WriteString("." + c.name)
		switch k := c.key.(type) {
		case string:
			b.WriteString(strconv.Quote(k))
		case int64:
			b.WriteString(strconv.FormatInt(k, 10))
		case anyKey:
			b.WriteByte('*')
		}
	}
	return b.String()
}

// instanceOf reports whether the module instance a may be the one meant by b,
// which can hold keys that could not be told.
func instanceOf(a, b []step) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if _, open := b[i].key.(anyKey); a[i].name != b[i].name || !open && a[i].key != b[i].key {
			return false
		}
	}
	return true
}
