package engine

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/dependencies"
)

// read is something of input that a policy's verdict may depend on: the steps
// below input up to the first one that is not known before evaluation.
type read struct {
	path     []string
	location *ast.Location
}

// readsOf returns what the deny and applicable rules of a compiled module read,
// through every function and rule that they call.
func readsOf(c *ast.Compiler, m *ast.Module) ([]read, error) {
	seen := map[string]bool{}
	var out []read
	for _, name := range []string{"deny", "applicable"} {
		for _, rule := range c.GetRulesExact(m.Package.Path.Append(ast.StringTerm(name))) {
			refs, err := dependencies.Base(c, rule)
			if err != nil {
				return nil, err
			}
			for _, ref := range refs {
				path, ok := inputPath(ref)
				if !ok {
					continue
				}
				key := strings.Join(path, "\x00")
				if !seen[key] {
					seen[key] = true
					out = append(out, read{path: path, location: rule.Location})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b read) int { return slices.Compare(a.path, b.path) })
	return minimal(out), nil
}

// minimal drops reads that a shorter one covers.
func minimal(sorted []read) []read {
	var out []read
	for _, r := range sorted {
		if len(out) > 0 && hasPrefix(r.path, out[len(out)-1].path) && len(out[len(out)-1].path) > 2 {
			continue
		}
		out = append(out, r)
	}
	return out
}

func inputPath(ref ast.Ref) ([]string, bool) {
	if !ref[0].Equal(ast.InputRootDocument) {
		return nil, false
	}
	path := []string{}
	for _, t := range ref[1:] {
		switch v := t.Value.(type) {
		case ast.String:
			path = append(path, string(v))
		case ast.Number:
			path = append(path, string(v))
		default:
			return path, true
		}
	}
	return path, true
}

func hasPrefix(path, prefix []string) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}
