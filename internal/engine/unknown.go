package engine

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// unknownPath is something below input that could not be read.
type unknownPath struct {
	path   []string // resource.attributes.versioning, related.aws_instance
	reason providers.Reason
}

func (u unknownPath) name() string {
	switch {
	case len(u.path) == 2 && u.path[1] == "tag_keys":
		return "tags"
	case len(u.path) > 2 && u.path[1] == "attributes":
		return strings.Join(u.path[2:], ".")
	case u.path[0] == "resource":
		return strings.Join(u.path[1:], ".")
	default:
		return strings.Join(u.path, ".")
	}
}

// blind is a part of input that a policy reads and that is unknown in whole or in
// part: the policy is decided with all of at unknown.
type blind struct {
	at  []string
	why unknownPath
}

// unknowns returns all that is unknown of a resource and its joins, sorted: what
// its provider said, and every attribute that is read but neither there nor said
// to be unknown. Absence is never a verdict.
func (ev *evaluator) unknowns(r subject) []unknownPath {
	out := r.unknowns()
	for _, p := range slices.Sorted(maps.Keys(r.Unknown)) {
		path, steps := []string{"resource", "attributes"}, strings.Split(p, ".")
		if top := steps[0]; top == "tags" || top == "region" || top == "name" || top == "created" {
			if slices.Contains(ev.attrs, top) { // an attribute that happens to have that name
				out = append(out, unknownPath{path: append([]string{"resource", "attributes"}, within(r.Attributes, steps)...), reason: r.Unknown[p]})
			}
			path = path[:1]
		} else {
			steps = within(r.Attributes, steps)
		}
		if p == "tags" { // its keys too; a tag of which only the value is unknown has its key
			out = append(out, unknownPath{path: []string{"resource", "tag_keys"}, reason: r.Unknown[p]})
		}
		out = append(out, unknownPath{path: append(path, steps...), reason: r.Unknown[p]})
	}
	for _, a := range ev.attrs {
		if _, ok := r.Attributes[a]; ok || r.Unknown[a] != "" {
			continue
		}
		out = append(out, unknownPath{path: []string{"resource", "attributes", a}, reason: providers.Failed})
	}
	return out
}

// within cuts a path off where the attributes do not have it: what is unknown of a
// list that does not hold it is the list.
func within(attributes map[string]any, steps []string) []string {
	var at any = attributes
	for i, step := range steps {
		switch v := at.(type) {
		case map[string]any:
			member, ok := v[step]
			if !ok {
				return steps[:max(i, 1)]
			}
			at = member
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(v) {
				return steps[:i]
			}
			at = v[n]
		default:
			return steps[:i]
		}
	}
	return steps
}

// attributes returns the top-level attributes that the policies read.
func (ev *evaluator) attributes() []string {
	set := map[string]bool{}
	for _, p := range ev.policies {
		for _, a := range p.reads.attributes() {
			set[a] = true
		}
	}
	delete(set, "tags")
	return slices.Sorted(maps.Keys(set))
}

// blindSpots returns where the reads of a policy meet what is unknown. Where the
// policy reads something of which only a part is unknown, all of what it reads
// there is unknown to OPA: it may walk it through variables, and partial evaluation
// does not look for unknown parts inside of a value that it holds.
func blindSpots(rs reads, unknown []unknownPath) []blind {
	var out []blind
	for _, u := range unknown {
		for _, r := range rs {
			switch {
			case hasPrefix(r.path, u.path):
				out = append(out, blind{at: u.path, why: u})
			case hasPrefix(u.path, r.path):
				out = append(out, blind{at: r.path, why: u})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b blind) int { return slices.Compare(a.at, b.at) })
	return slices.CompactFunc(out, func(a, b blind) bool { return slices.Equal(a.at, b.at) && slices.Equal(a.why.path, b.why.path) })
}
