package providers

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// MarshalJSON writes absent tags and attributes as {}: in Rego a missing key
// makes a rule undefined, and an undefined rule looks like a pass. It writes what
// encoding/json would: every resource of a run is written for its digest, and with
// reflection that took a twentieth of the time of judging a plan.
func (r Resource) MarshalJSON() ([]byte, error) { return r.AppendJSON(make([]byte, 0, 1<<10)) }

// AppendJSON appends to b what MarshalJSON returns.
func (r Resource) AppendJSON(b []byte) ([]byte, error) {
	e := &encoder{b: b}
	e.scope(r.Scope)
	e.member("type", string(r.Type))
	e.member("id", r.ID)
	e.optional("name", r.Name)
	e.optional("region", r.Region)
	e.key("tags")
	object(e, r.Tags, e.text)
	if !r.Created.IsZero() {
		e.key("created")
		e.reflected(r.Created)
	}
	e.key("attributes")
	object(e, r.Attributes, e.value)
	if len(r.Unknown) > 0 {
		e.key("unknown")
		object(e, r.Unknown, func(why Reason) { e.text(string(why)) })
	}
	if r.Source != nil {
		e.source(*r.Source)
	}
	e.b = append(e.b, '}')
	return e.b, e.err
}

// encoder appends JSON to b.
type encoder struct {
	b    []byte
	keys []string // of the objects that are being written
	err  error    // the first
}

func (e *encoder) scope(s Scope) {
	e.b = append(e.b, `{"scope":{"provider":`...)
	e.text(s.Provider)
	e.member("id", s.ID)
	e.optional("name", s.Name)
	if len(s.Labels) > 0 {
		e.key("labels")
		object(e, s.Labels, e.text)
	}
	e.b = append(e.b, '}')
}

func (e *encoder) source(s Source) {
	e.key("source")
	start := len(e.b)
	e.b = append(e.b, '{')
	e.optional("address", s.Address)
	e.optional("module", s.Module)
	e.optional("file", s.File)
	if s.Line != 0 {
		e.key("line")
		e.b = strconv.AppendInt(e.b, int64(s.Line), 10)
	}
	e.optional("action", s.Action)
	if len(s.Calls) > 0 {
		e.key("calls")
		e.reflected(s.Calls)
	}
	if len(e.b) > start+1 {
		e.b = slices.Delete(e.b, start+1, start+2) // the comma of the first
	}
	e.b = append(e.b, '}')
}

// key begins a member that is not the first one.
func (e *encoder) key(name string) {
	e.b = append(append(append(e.b, `,"`...), name...), `":`...)
}

func (e *encoder) member(name, value string) {
	e.key(name)
	e.text(value)
}

// optional leaves out a member that is "".
func (e *encoder) optional(name, value string) {
	if value != "" {
		e.member(name, value)
	}
}

// object writes a map in the order of its keys, nil as {}.
func object[V any](e *encoder, m map[string]V, value func(V)) {
	start := len(e.keys)
	e.keys = slices.AppendSeq(e.keys, maps.Keys(m))
	slices.Sort(e.keys[start:])
	e.b = append(e.b, '{')
	for i := start; i < start+len(m); i++ {
		if i > start {
			e.b = append(e.b, ',')
		}
		e.text(e.keys[i])
		e.b = append(e.b, ':')
		value(m[e.keys[i]])
	}
	e.b = append(e.b, '}')
	e.keys = e.keys[:start]
}

// value writes a JSON value.
func (e *encoder) value(v any) {
	switch v := v.(type) {
	case string:
		e.text(v)
	case bool:
		e.b = strconv.AppendBool(e.b, v)
	case int64:
		e.b = strconv.AppendInt(e.b, v, 10)
	case map[string]any:
		if v == nil {
			e.b = append(e.b, "null"...)
			return
		}
		object(e, v, e.value)
	case []any:
		if v == nil {
			e.b = append(e.b, "null"...)
			return
		}
		e.b = append(e.b, '[')
		for i, element := range v {
			if i > 0 {
				e.b = append(e.b, ',')
			}
			e.value(element)
		}
		e.b = append(e.b, ']')
	case nil:
		e.b = append(e.b, "null"...)
	default:
		e.reflected(v)
	}
}

// text writes a string.
func (e *encoder) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			e.reflected(s) // with escapes
			return
		}
	}
	e.b = append(append(append(e.b, '"'), s...), '"')
}

// reflected leaves a value to encoding/json.
func (e *encoder) reflected(v any) {
	b, err := json.Marshal(v)
	if err != nil && e.err == nil {
		e.err = err
	}
	e.b = append(e.b, b...)
}
