package engine

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// What was found out with some values holds wherever the same values come again: a rule
// has no other way to depend on the resource than through its inputs.

// memoKey is a rule and the identities of its inputs.
type memoKey struct {
	fn  int
	ids [maxInputs]uint32
}

// maxInputs is with how many inputs results are kept.
const maxInputs = 8

// maxKept bounds how many results of a kind a machine keeps.
const maxKept = 4096

func keep[T any](kept map[memoKey]T, key memoKey, result T) {
	if len(kept) >= maxKept {
		clear(kept)
	}
	kept[key] = result
}

// minSeen is after how many resources a machine begins to keep results: what a small
// plan has seldom comes twice.
const minSeen = 32

// key returns under what a result that depends on the inputs is kept. It reports false
// where it cannot be kept, or where there is none to come again.
func (m *machine) key(fn *function, in inputs) (memoKey, bool) {
	key := memoKey{fn: fn.index}
	if m.seen < minSeen || len(in) == 0 || len(in) > maxInputs {
		return key, false
	}
	for i, one := range in {
		if key.ids[i] = m.identity(one, m.slot(one)); key.ids[i] == 0 {
			return key, false
		}
	}
	return key, true
}

// applications keeps the results of functions that do not read the resource, by what
// they are applied to: the same types, tag keys and lists of them come again and again.
// Of two with the same place the later one is kept.
type applications struct {
	kept   []applied // a power of two
	misses int       // of those whose place was taken, since it has this size
}

// applied is a function, with what it was applied to and what it gave.
type applied struct {
	fn     *function
	args   [maxKeyed]*ast.Term
	result *ast.Term // nil is undefined
}

// maxKeyed is with how many arguments results are kept.
const maxKeyed = 4

// Sizes of applications.
const (
	minApplications = 64
	maxApplications = 4096
)

func (a *applications) at(hash uint64) *applied {
	if len(a.kept) == 0 {
		a.kept = make([]applied, minApplications)
	}
	return &a.kept[hash&uint64(len(a.kept)-1)]
}

// keep keeps an application. Where places are often taken it makes more of them.
func (a *applications) keep(hash uint64, given applied) {
	at := a.at(hash)
	if at.fn != nil {
		a.misses++
	}
	if a.misses > len(a.kept) && len(a.kept) < maxApplications {
		old := a.kept
		a.kept, a.misses = make([]applied, 4*len(old)), 0
		for _, o := range old {
			if o.fn != nil {
				*a.at(o.hash()) = o
			}
		}
		at = a.at(hash)
	}
	*at = given
}

// hash is the same for the same application.
func (a *applied) hash() uint64 {
	h := uint64(a.fn.index) + 1
	for _, t := range a.args {
		if t == nil {
			break
		}
		h = (h ^ uint64(t.Value.Hash())) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return h
}

// same reports whether it is the same function and identical arguments.
func (a *applied) same(b applied) bool {
	if a.fn != b.fn {
		return false
	}
	for i, t := range a.args {
		if t != b.args[i] && !identical(t, b.args[i]) {
			return false
		}
	}
	return true
}

// identical reports whether no policy can tell two ground terms apart. Equal terms need
// not be: 1 and 1.0 are equal, and are not written the same.
func identical(a, b *ast.Term) bool {
	if a == b {
		return true
	}
	switch v := a.Value.(type) {
	case ast.Null, ast.Boolean, ast.String, ast.Number:
		return a.Value == b.Value
	case *ast.Array:
		w, ok := b.Value.(*ast.Array)
		if !ok || v.Len() != w.Len() {
			return false
		}
		for i := range v.Len() {
			if !identical(v.Elem(i), w.Elem(i)) {
				return false
			}
		}
		return true
	case ast.Object:
		w, ok := b.Value.(ast.Object)
		if !ok || v.Len() != w.Len() {
			return false
		}
		return !v.Until(func(k, e *ast.Term) bool {
			other := w.Get(k)
			return !isText(k) || other == nil || !identical(e, other)
		})
	case ast.Set:
		w, ok := b.Value.(ast.Set)
		if !ok || v.Len() != w.Len() {
			return false
		}
		return !v.Until(func(e *ast.Term) bool { return !isText(e) || !w.Contains(e) })
	}
	return false
}

func isText(t *ast.Term) bool {
	_, ok := t.Value.(ast.String)
	return ok
}
