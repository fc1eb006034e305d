package engine

import (
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// With returns an engine that also judges types without a schema: by the policies
// that are about any type and read nothing of a resource but what every resource has,
// such as its tags and its Region. A provider that holds such types names them. The
// receiver stays as it is.
func (e *Engine) With(types ...providers.Type) (*Engine, error) {
	types = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(types))), e.schemas.has)
	out := &Engine{libs: e.libs, schemas: e.schemas, plans: e.plans, generic: types}
	for _, p := range e.policies {
		more := slices.DeleteFunc(slices.Clone(types), func(t providers.Type) bool {
			return slices.Contains(p.Types, t) || !slices.ContainsFunc(p.Patterns, func(pattern providers.Type) bool { return covers(pattern, t) })
		})
		if len(more) > 0 {
			common, err := e.readsCommon(p)
			if err != nil {
				return nil, err
			}
			if common {
				p = p.on(more)
			}
		}
		out.policies = append(out.policies, p)
	}
	return out, nil
}

// covers reports whether a pattern of custom.types stands for the type.
func covers(pattern, t providers.Type) bool {
	prefix, open := strings.CutSuffix(string(pattern), "*")
	return open && strings.HasPrefix(string(t), prefix)
}

// on returns a copy of the policy that is about further types.
func (p *Policy) on(types []providers.Type) *Policy {
	out := &Policy{
		Policy: p.Policy, Builtin: p.Builtin, Plan: p.Plan, Aliases: p.Aliases, Uses: p.Uses, Params: p.Params,
		Patterns: p.Patterns, digest: p.digest, schemaNames: p.schemaNames, IndexedReads: p.IndexedReads,
		// What is read and parsed is behind the original's lock: the copy does it for itself.
		source: source{File: p.File, Package: p.Package, Imports: p.Imports, Applicable: p.Applicable, from: p.from},
	}
	if p.from == nil {
		out.text = p.text
	}
	out.Types = slices.Sorted(slices.Values(slices.Concat(p.Types, types)))
	return out
}

// readsCommon reports whether the policy reads nothing of a resource but what resources
// of every type have.
func (e *Engine) readsCommon(p *Policy) (bool, error) {
	rs := p.indexed()
	if p.IndexedReads == nil {
		s, err := e.NewSession(Config{Policies: []string{p.ID}})
		if err != nil {
			return false, err
		}
		if rs, err = s.reads(p); err != nil {
			return false, err
		}
	}
	return !slices.ContainsFunc(rs, func(r read) bool {
		return len(r.path) == 0 || r.path[0] == "related" || r.path[0] == "resource" && (len(r.path) == 1 || r.path[1] == "attributes")
	}), nil
}
