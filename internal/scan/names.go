package scan

import (
	"maps"

	"github.com/metsuke-dev/metsuke/providers"
)

// Live and planned resources refer to each other by id, and a planned one has another id
// than its live self: its Terraform address. For joins it goes by the id of its live self,
// in what refers to it too, so that both sides of the border find each other.

// name notes the ids of the live selves.
func (b *beside) name() {
	b.names = map[string]string{}
	planned := map[[2]string][]string{} // by live type and id
	for _, list := range [][]providers.Resource{b.j.planned, b.j.waiting} {
		for _, r := range list {
			self, ok := b.match.Live(keyOf(r))
			if !ok || b.names[r.ID] != "" || r.Source != nil && r.Source.Action == "replace" {
				continue // what refers to the id of an object that is replaced refers to nothing then
			}
			b.names[r.ID] = self.ID
			planned[[2]string{string(r.Type), self.ID}] = append(planned[[2]string{string(r.Type), self.ID}], r.ID)
		}
	}
	// Two resources that are the same live one, such as one that is imported twice, are
	// two: under one id, one of them would be lost.
	for _, ids := range planned {
		if len(ids) > 1 {
			for _, id := range ids {
				delete(b.names, id)
			}
		}
	}
}

// joined returns a planned resource as joins know it. A nil beside leaves it as it is.
func (b *beside) joined(r providers.Resource) providers.Resource {
	if b == nil {
		return r
	}
	r = b.held(r)
	if len(b.names) == 0 {
		return r
	}
	if id, ok := b.names[r.ID]; ok {
		r.ID = id
	}
	if v, changed := renamed(r.Attributes, b.names); changed {
		r.Attributes = v.(map[string]any)
	}
	return r
}

// renamed replaces the strings of a value that are in names. It changes copies, and
// reports whether there was anything to replace.
func renamed(v any, names map[string]string) (any, bool) {
	switch v := v.(type) {
	case string:
		if name, ok := names[v]; ok {
			return name, true
		}
	case []any:
		var out []any
		for i, e := range v {
			if e, ok := renamed(e, names); ok {
				if out == nil {
					out = append([]any{}, v...)
				}
				out[i] = e
			}
		}
		return out, out != nil
	case map[string]any:
		var out map[string]any
		for k, e := range v {
			if e, ok := renamed(e, names); ok {
				if out == nil {
					out = maps.Clone(v)
				}
				out[k] = e
			}
		}
		return out, out != nil
	}
	return v, false
}
