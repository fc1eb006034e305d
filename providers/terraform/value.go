package terraform

import (
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// Short names: mappings say these often.
const (
	deferred  = providers.Deferred
	sensitive = providers.Sensitive
)

// unknown stands in a value tree where the plan has no value to judge.
type unknown struct{ reason providers.Reason }

// at walks down from v: a string is a member of an object, an int an element of
// a list. It returns nil where there is nothing, and the unknown where it meets one.
func at(v any, path ...any) any {
	for _, step := range path {
		switch c := v.(type) {
		case unknown:
			return c
		case map[string]any:
			key, ok := step.(string)
			if !ok {
				return nil
			}
			v = c[key]
		case []any:
			i, ok := step.(int)
			if !ok || i < 0 || i >= len(c) {
				return nil
			}
			v = c[i]
		default:
			return nil
		}
	}
	return v
}

// isUnknown reports whether v as a whole is unknown.
func isUnknown(v any) bool {
	_, ok := v.(unknown)
	return ok
}

// anyUnknown returns the first unknown at or below v.
func anyUnknown(v any) (unknown, bool) {
	switch v := v.(type) {
	case unknown:
		return v, true
	case []any:
		for _, e := range v {
			if u, ok := anyUnknown(e); ok {
				return u, true
			}
		}
	case map[string]any:
		for _, e := range v {
			if u, ok := anyUnknown(e); ok {
				return u, true
			}
		}
	}
	return unknown{}, false
}

// then applies f to a value that is known; an unknown stays what it is. Use it
// wherever a mapping computes something, so that nothing is computed from nothing.
func then(v any, f func(v any) any) any {
	if isUnknown(v) {
		return v
	}
	return f(v)
}

// each applies f to every element of a list. Null gives an empty list, an
// unknown list or element stays unknown.
func each(v any, f func(element any) any) any {
	return then(v, func(v any) any {
		l, _ := v.([]any)
		out := make([]any, len(l))
		for i, e := range l {
			out[i] = then(e, f)
		}
		return out
	})
}

// or returns v, or the fallback when v is null or an empty string: Terraform's
// older SDK writes "" where nothing is configured.
func or(v, fallback any) any {
	if v == nil || v == "" {
		return fallback
	}
	return v
}

// none is null for an empty list: older providers cannot tell it from nothing.
func none(v any) any {
	if l, ok := v.([]any); ok && len(l) == 0 {
		return nil
	}
	return v
}

// firstSet returns the first value that is neither null nor empty.
func firstSet(values ...any) any {
	for _, v := range values {
		if v != nil && v != "" {
			return v
		}
	}
	if n := len(values); n > 0 {
		return values[n-1]
	}
	return nil
}

// positive is null for 0, which stands for nothing in the provider's state.
func positive(v any) any {
	if v == int64(0) || v == "0" {
		return nil
	}
	return v
}

// str returns a string that is set, null otherwise.
func str(v any) any {
	if s, ok := v.(string); ok && s != "" {
		return s
	}
	return nil
}

// sortTexts sorts a list of strings in place.
func sortTexts(l []any) {
	text := func(v any) string { s, _ := v.(string); return s }
	slices.SortFunc(l, func(a, b any) int { return strings.Compare(text(a), text(b)) })
}
