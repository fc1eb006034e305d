package providers

import (
	"maps"
	"slices"
	"strings"
)

// Type returns how the provider reads t.
func (d Description) Type(t Type) (TypeInfo, bool) {
	for _, ti := range d.Types {
		if ti.Type == t {
			return ti, true
		}
	}
	return TypeInfo{}, false
}

// CallsFor returns the calls that reading the wanted attributes takes: those of
// the listing and of every detail that gives one of them.
func (t TypeInfo) CallsFor(attributes []string) []Call {
	out := slices.Clone(t.Calls)
	for _, d := range t.Details {
		if slices.ContainsFunc(d.Attributes, func(a string) bool { return slices.Contains(attributes, a) }) {
			out = append(out, d.Calls...)
		}
	}
	return out
}

// AllAttributes returns every attribute that the provider can give of the type,
// sorted, "tags" included.
func (t TypeInfo) AllAttributes() []string {
	set := map[string]bool{}
	for _, a := range t.Attributes {
		set[a] = true
	}
	for _, d := range t.Details {
		for _, a := range d.Attributes {
			set[a] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// Permissions returns the permissions that reading want takes, sorted.
func (d Description) Permissions(want []Want) []string {
	set := map[string]bool{}
	for _, w := range want {
		ti, ok := d.Type(w.Type)
		if !ok {
			continue
		}
		for _, c := range ti.CallsFor(w.Attributes) {
			for _, p := range c.Permissions {
				set[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// Everything returns a Want for all attributes of all types.
func (d Description) Everything() []Want {
	out := make([]Want, 0, len(d.Types))
	for _, t := range d.Types {
		out = append(out, Want{Type: t.Type, Attributes: t.AllAttributes()})
	}
	return out
}

// Also returns want with the attributes that are asked for besides, where their types are
// wanted at all.
func Also(want, besides []Want) []Want {
	if len(besides) == 0 {
		return want
	}
	out := slices.Clone(want)
	for i, w := range out {
		if more, ok := Find(besides, w.Type); ok {
			out[i].Attributes = slices.Compact(slices.Sorted(slices.Values(slices.Concat(w.Attributes, more.Attributes))))
		}
	}
	return out
}

// Merge returns what is wanted by both, sorted by type. It changes neither.
func Merge(a, b []Want) []Want {
	out := slices.Clone(a)
	for _, w := range b {
		if _, ok := Find(out, w.Type); !ok {
			out = append(out, Want{Type: w.Type})
		}
	}
	slices.SortFunc(out, func(a, b Want) int { return strings.Compare(string(a.Type), string(b.Type)) })
	return Also(out, b)
}

// Find returns the Want for t.
func Find(want []Want, t Type) (Want, bool) {
	i := slices.IndexFunc(want, func(w Want) bool { return w.Type == t })
	if i < 0 {
		return Want{}, false
	}
	return want[i], true
}
