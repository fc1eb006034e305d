package engine

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/providers"
)

// Related holds the resources that policies join, of one scope. Fill it before the
// first evaluation that uses it; then it is safe for concurrent use. A nil Related
// has nothing.
type Related struct {
	byType  map[providers.Type][]providers.Resource
	missing map[providers.Type]providers.Reason
	mu      sync.Mutex
	terms   map[providers.Type]*ast.Term
}

// NewRelated returns an empty Related.
func NewRelated() *Related {
	return &Related{byType: map[providers.Type][]providers.Resource{}, missing: map[providers.Type]providers.Reason{}, terms: map[providers.Type]*ast.Term{}}
}

// Add makes a resource visible to joins.
func (rel *Related) Add(r providers.Resource) { rel.byType[r.Type] = append(rel.byType[r.Type], r) }

// Miss says that the type was not listed in full: joins with it are unknown.
func (rel *Related) Miss(t providers.Type, why providers.Reason) { rel.missing[t] = why }

// term is input.related for policies with the joins: by type and resource id, each
// {id, name, region, tags, attributes}.
func (rel *Related) term(joins map[providers.Type][]string) *ast.Term {
	items := [][2]*ast.Term{}
	for _, t := range slices.Sorted(maps.Keys(joins)) {
		items = append(items, ast.Item(ast.StringTerm(string(t)), rel.ofType(t)))
	}
	return ast.ObjectTerm(items...)
}

func (rel *Related) ofType(t providers.Type) *ast.Term {
	if rel == nil {
		return ast.ObjectTerm()
	}
	rel.mu.Lock()
	defer rel.mu.Unlock()
	if term := rel.terms[t]; term != nil {
		return term
	}
	items := make([][2]*ast.Term, 0, len(rel.byType[t]))
	for _, r := range rel.byType[t] {
		attrs := r.Attributes
		if attrs == nil {
			attrs = map[string]any{}
		}
		var created any
		if !r.Created.IsZero() {
			created = r.Created.UTC().Format(time.RFC3339)
		}
		items = append(items, ast.Item(ast.StringTerm(r.ID), ast.NewTerm(ast.LazyObject(map[string]any{
			"id": r.ID, "name": r.Name, "region": r.Region, "created": created, "tags": tagsOf(r), "attributes": attrs,
		}))))
	}
	term := ast.ObjectTerm(items...)
	rel.terms[t] = term
	return term
}

// unknowns says which joins cannot be relied on: types that were not listed in
// full, and resources of which a joined attribute is unknown.
func (rel *Related) unknowns(joins map[providers.Type][]string) []unknownPath {
	var out []unknownPath
	for _, t := range slices.Sorted(maps.Keys(joins)) {
		path := []string{"related", string(t)}
		if rel == nil {
			out = append(out, unknownPath{path: path, reason: providers.Failed})
			continue
		}
		if why, ok := rel.missing[t]; ok {
			out = append(out, unknownPath{path: path, reason: why})
			continue
		}
		for _, r := range rel.byType[t] {
			for p, why := range r.Unknown {
				if slices.ContainsFunc(joins[t], func(a string) bool { return p == a || len(p) > len(a) && p[:len(a)+1] == a+"." }) {
					out = append(out, unknownPath{path: path, reason: why})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b unknownPath) int { return slices.Compare(a.path, b.path) })
	return slices.CompactFunc(out, func(a, b unknownPath) bool { return slices.Equal(a.path, b.path) })
}
