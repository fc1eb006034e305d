package engine

import (
	"maps"
	"slices"
	"strings"
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
	veils   map[string]*ast.Term                           // see veiled
	blind   map[providers.Type]map[string]providers.Reason // see partly
}

// NewRelated returns an empty Related.
func NewRelated() *Related {
	return &Related{
		byType: map[providers.Type][]providers.Resource{}, missing: map[providers.Type]providers.Reason{}, terms: map[providers.Type]*ast.Term{},
		veils: map[string]*ast.Term{}, blind: map[providers.Type]map[string]providers.Reason{},
	}
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

// missed says which joined types were not listed in full.
func (rel *Related) missed(joins map[providers.Type][]string) []unknownPath {
	var out []unknownPath
	for _, t := range slices.Sorted(maps.Keys(joins)) {
		switch {
		case rel == nil:
			out = append(out, unknownPath{path: []string{"related", string(t)}, reason: providers.Failed})
		case rel.missing[t] != "":
			out = append(out, unknownPath{path: []string{"related", string(t)}, reason: rel.missing[t]})
		}
	}
	return out
}

// unknowns says which joins cannot be relied on in all: types that were not listed
// in full, and types of which a joined attribute of some resource is unknown.
func (rel *Related) unknowns(joins map[providers.Type][]string) []unknownPath {
	out := rel.missed(joins)
	if rel == nil {
		return out
	}
	for _, t := range slices.Sorted(maps.Keys(joins)) {
		if rel.missing[t] != "" {
			continue
		}
		partly := rel.partly(t)
		for _, a := range joins[t] {
			if why, ok := partly[a]; ok {
				out = append(out, unknownPath{path: []string{"related", string(t)}, reason: why})
				break
			}
		}
	}
	return out
}

// partly returns the attributes of the type that are unknown, in whole or in part, of
// some resource, and why.
func (rel *Related) partly(t providers.Type) map[string]providers.Reason {
	rel.mu.Lock()
	defer rel.mu.Unlock()
	if out, ok := rel.blind[t]; ok {
		return out
	}
	out := map[string]providers.Reason{}
	for _, r := range rel.byType[t] {
		for p, why := range r.Unknown {
			top, _, _ := strings.Cut(p, ".")
			if old, ok := out[top]; !ok || why < old {
				out[top] = why
			}
		}
	}
	rel.blind[t] = out
	return out
}

// veiled is ofType with something unknown wherever a value of the joined attributes
// is, as a machine meets it.
func (rel *Related) veiled(t providers.Type, joined []string) *ast.Term {
	plain := rel.ofType(t)
	if rel == nil || len(rel.partly(t)) == 0 {
		return plain
	}
	rel.mu.Lock()
	defer rel.mu.Unlock()
	key := string(t) + " " + strings.Join(joined, " ")
	if term := rel.veils[key]; term != nil {
		return term
	}
	items := make([][2]*ast.Term, 0, len(rel.byType[t]))
	for _, r := range rel.byType[t] {
		id := ast.StringTerm(r.ID)
		one := plain.Get(id)
		for _, p := range slices.Sorted(maps.Keys(r.Unknown)) {
			path := strings.Split(p, ".")
			if path[0] != "tags" && path[0] != "region" && path[0] != "name" && path[0] != "created" {
				if !slices.Contains(joined, path[0]) {
					continue
				}
				path = append([]string{"attributes"}, path...)
			}
			if veiled := veil(one, path, unknownTerm()); veiled != nil {
				one = veiled
			} else {
				one = unknownTerm()
				break
			}
		}
		items = append(items, ast.Item(id, one))
	}
	term := ast.ObjectTerm(items...)
	rel.veils[key] = term
	return term
}
