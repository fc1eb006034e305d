package engine

import (
	"maps"
	"slices"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// A finding that a verdict is unknown names one path, and that has to be one on which the
// verdict depends: whoever makes it known should get an answer, or the name of the next.

// deciding returns what a verdict depends on, of what is unknown. With the two values of
// the pair for all of it, the verdicts differ; so they do on the way from one to the other,
// and where they do is what decides. The machine is left at the resource as it was.
func (ev *evaluator) deciding(m *machine, i int, spots []blind, pair [2]*ast.Term) blind {
	var paths []blind // each once
	for _, s := range spots {
		if !slices.ContainsFunc(paths, func(p blind) bool { return slices.Equal(p.why.path, s.why.path) }) {
			paths = append(paths, s)
		}
	}
	attribute := func(p blind) bool { return len(p.why.path) > 2 && p.why.path[1] == "attributes" }
	if len(paths) == 1 || len(paths) > maxDeciding || !slices.ContainsFunc(paths, attribute) {
		return spots[0]
	}
	var values [2]any
	for k, v := range pair {
		x, err := ast.JSON(v.Value)
		if err != nil {
			return spots[0]
		}
		values[k] = x
	}
	res, rel, unknown := m.res, m.rel, m.unknown
	defer m.begin(m.bctx.Context, ev, res, rel, unknown)
	try := func(second int) finding.Verdict { // so many paths have the second value
		r := res
		left := slices.Clone(unknown)
		for k, p := range paths {
			if !attribute(p) {
				continue
			}
			v := values[0]
			if k < second {
				v = values[1]
			}
			r.Attributes, _ = withValue(r.Attributes, p.why.path[2:], v).(map[string]any)
			left = slices.DeleteFunc(left, func(u unknownPath) bool { return slices.Equal(u.path, p.why.path) })
		}
		m.begin(m.bctx.Context, ev, r, rel, left)
		got, err := m.judge(ev.policies[i].Policy, ev.program.entries[i])
		if err != nil {
			return finding.Unknown
		}
		return got.Verdict
	}
	before := try(0)
	for k, p := range paths {
		if !attribute(p) {
			continue
		}
		after := try(k + 1)
		if differ(before, after) {
			return p
		}
		before = after
	}
	return spots[0]
}

// maxDeciding bounds among how many unknown paths the deciding one is looked for.
const maxDeciding = 16

// withValue returns a value with another one at a path in it. What it is given stays as it is.
func withValue(at any, path []string, v any) any {
	if len(path) == 0 {
		return v
	}
	switch c := at.(type) {
	case map[string]any:
		out := maps.Clone(c)
		if out == nil {
			out = map[string]any{}
		}
		out[path[0]] = withValue(c[path[0]], path[1:], v)
		return out
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(c) {
			return c
		}
		out := slices.Clone(c)
		out[i] = withValue(c[i], path[1:], v)
		return out
	}
	return at
}

// blame notes what a condition that stays open depends on.
func (n narrower) blame(body ast.Body) {
	for _, expr := range body {
		if n.presence(expr) != open {
			continue
		}
		for _, s := range n.spots {
			one := n
			one.spots = []blind{s}
			if one.touchesUnknown(expr) {
				n.blamed.add(s)
			}
		}
	}
}

// blamed are the paths on which open conditions depend.
type blamed struct{ spots []blind }

func (b *blamed) add(s blind) {
	if b != nil && !b.has(s) {
		b.spots = append(b.spots, s)
	}
}

func (b *blamed) has(s blind) bool {
	return slices.ContainsFunc(b.spots, func(o blind) bool { return slices.Equal(o.why.path, s.why.path) })
}

// first returns the first of the spots that is to blame; the first of all where none is.
func (b *blamed) first(spots []blind) blind {
	if i := slices.IndexFunc(spots, b.has); i >= 0 {
		return spots[i]
	}
	return spots[0]
}
