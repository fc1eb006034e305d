package engine

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// values are those that a machine has met at a path. The first ones are always there.
type values struct {
	ids           map[string]uint32 // of those besides, by how they are written
	terms         []*ast.Term       // by identity; nil where nothing asked for it
	asked, misses int
	varied        bool // seldom the same twice: not worth remembering
}

// Identities that every path has.
const (
	isAbsent uint32 = iota + 1
	isNull
	isTrue
	isFalse
	isOther // and above
)

const (
	// maxWritten is how many bytes a value that is remembered may take.
	maxWritten = 256
	// maxValues bounds how many values of a path are remembered.
	maxValues = 1024
	// maxRemembered bounds how many values a machine remembers of all paths: some
	// megabytes.
	maxRemembered = 8192
	// minAsked is after how many values a path is first looked at.
	minAsked = 64
)

// identity returns a number for what stands at a path: where it is the same for two
// resources, no policy can tell the values apart, and the same of them is unknown. It is 0
// where another value is tried for something unknown, and for a value that is not worth
// remembering.
func (m *machine) identity(in input, sl *slot) uint32 {
	if m.seen < minSeen {
		return 0
	}
	if !sl.identified {
		sl.identified, sl.masked = true, m.veiled && m.meets(in.path)
		sl.id = m.identify(in, sl.masked)
	}
	if sl.masked && m.witness != nil {
		return 0
	}
	return sl.id
}

func (m *machine) identify(in input, masked bool) uint32 {
	vs := m.values[in.slot]
	if vs == nil {
		vs = &values{terms: make([]*ast.Term, isOther-1), varied: in.path[0] != "resource" || len(in.path) < 2}
		vs.terms[isNull-1], vs.terms[isTrue-1], vs.terms[isFalse-1] = ast.InternedNullTerm, ast.InternedTerm(true), ast.InternedTerm(false)
		m.values[in.slot] = vs
	}
	if vs.varied {
		return 0
	}
	m.text = m.text[:0]
	if masked && m.writeMask(in.path) {
		return m.remember(vs, m.text)
	}
	switch in.path[1] {
	case "tag_keys":
		if len(in.path) > 2 {
			return 0
		}
		m.writeTagKeys()
	default:
		v, ok := lookupField(m.res, in.path[1:])
		if id := standing(v, ok); id != 0 && !masked {
			return id
		}
		if !ok {
			m.text = append(m.text, 'x')
		} else if !m.write(v) {
			m.text = append(m.text[:0], make([]byte, maxWritten+1)...)
		}
	}
	return m.remember(vs, m.text)
}

// standing returns the identity of a value that every path has; 0 for another one.
func standing(v any, there bool) uint32 {
	switch v := v.(type) {
	case nil:
		if !there {
			return isAbsent
		}
		return isNull
	case bool:
		if v {
			return isTrue
		}
		return isFalse
	}
	return 0
}

// writeMask appends what is unknown at a path or below it, as no value is written. It
// reports whether that is all that stands there.
func (m *machine) writeMask(path []string) bool {
	for _, u := range m.unknown {
		switch {
		case hasPrefix(path, u.path):
			m.text = m.text[:0]
			m.writePath('?', path[len(u.path):])
			return true
		case hasPrefix(u.path, path):
			m.writePath('!', u.path[len(path):])
		}
	}
	return false
}

func (m *machine) writePath(kind byte, path []string) {
	m.text = binary.AppendUvarint(append(m.text, kind), uint64(len(path)))
	for _, step := range path {
		m.writeText('p', step)
	}
}

// remember returns the identity of a value as it is written.
func (m *machine) remember(vs *values, text []byte) uint32 {
	vs.asked++
	if len(text) <= maxWritten {
		if id, ok := vs.ids[string(text)]; ok {
			return id
		}
		if vs.ids == nil {
			vs.ids = map[string]uint32{}
		}
	}
	vs.misses++
	if vs.asked >= minAsked && vs.misses > vs.asked/8*7 || len(vs.ids) >= maxValues {
		vs.varied, vs.ids, vs.terms = true, nil, nil
		return 0
	}
	if len(text) > maxWritten || m.remembered == maxRemembered {
		return 0
	}
	m.remembered++
	vs.terms = append(vs.terms, nil)
	id := uint32(len(vs.terms))
	vs.ids[string(text)] = id
	return id
}

// write appends a value so that no other value is written the same. It reports false
// where it is too long, or of a kind that policies seldom see.
func (m *machine) write(v any) bool {
	switch v := v.(type) {
	case nil:
		m.text = append(m.text, 'n')
	case bool:
		if v {
			m.text = append(m.text, 't')
		} else {
			m.text = append(m.text, 'f')
		}
	case string:
		m.writeText('s', v)
	case json.Number:
		m.writeText('j', string(v))
	case float64:
		m.text = binary.LittleEndian.AppendUint64(append(m.text, 'd'), math.Float64bits(v))
	case int64:
		m.text = binary.AppendVarint(append(m.text, 'i'), v)
	case int:
		m.text = binary.AppendVarint(append(m.text, 'i'), int64(v))
	case []any:
		m.text = binary.AppendUvarint(append(m.text, 'a'), uint64(len(v)))
		for _, e := range v {
			if !m.write(e) {
				return false
			}
		}
	case map[string]any:
		m.text = binary.AppendUvarint(append(m.text, 'o'), uint64(len(v)))
		from := len(m.keys)
		for k := range v {
			m.keys = append(m.keys, k)
		}
		slices.Sort(m.keys[from:])
		ok := true
		for i := from; ok && i < from+len(v); i++ {
			m.writeText('k', m.keys[i])
			ok = m.write(v[m.keys[i]])
		}
		m.keys = m.keys[:from]
		return ok
	case map[string]string:
		m.text = binary.AppendUvarint(append(m.text, 'o'), uint64(len(v)))
		from := len(m.keys)
		for k := range v {
			m.keys = append(m.keys, k)
		}
		slices.Sort(m.keys[from:])
		for _, k := range m.keys[from:] {
			m.writeText('k', k)
			m.writeText('s', v[k])
		}
		m.keys = m.keys[:from]
	default:
		return false
	}
	return len(m.text) <= maxWritten
}

func (m *machine) writeText(kind byte, s string) {
	m.text = binary.AppendUvarint(append(m.text, kind), uint64(len(s)))
	m.text = append(m.text, s...)
}

// writeTagKeys appends the keys of the tags as tagKeys returns them.
func (m *machine) writeTagKeys() {
	m.keys = m.keys[:0]
	for k := range m.res.Tags {
		m.keys = append(m.keys, k)
	}
	for p := range m.res.Unknown {
		if key, ok := strings.CutPrefix(p, "tags."); ok {
			m.keys = append(m.keys, key)
		}
	}
	slices.Sort(m.keys)
	for _, k := range slices.Compact(m.keys) {
		m.writeText('k', k)
	}
	m.keys = m.keys[:0]
}
