package providertest

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/metsuke-dev/metsuke/providers"
)

// sink keeps everything that it is sent.
type sink struct {
	mu        sync.Mutex
	planned   []providers.Cell
	done      []providers.Cell
	resources []providers.Resource
	gaps      []providers.Gap
}

func (s *sink) Plan(cells ...providers.Cell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planned = append(s.planned, cells...)
}

func (s *sink) Done(c providers.Cell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, c)
}

func (s *sink) Resource(r providers.Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resources = append(s.resources, r)
}

func (s *sink) Gap(g providers.Gap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, g)
}

func (s *sink) hasCellGap(t providers.Type) bool {
	return slices.ContainsFunc(s.gaps, func(g providers.Gap) bool {
		return (g.Type == t || g.Type == "") && g.ID == "" && g.Path == ""
	})
}

func (s *sink) sorted() []providers.Resource {
	out := slices.Clone(s.resources)
	slices.SortFunc(out, func(a, b providers.Resource) int { return strings.Compare(key(a), key(b)) })
	return out
}

func key(r providers.Resource) string {
	return r.Scope.ID + " " + string(r.Type) + " " + r.Region + " " + r.ID
}

func byType(rs []providers.Resource, t providers.Type) []providers.Resource {
	return slices.DeleteFunc(slices.Clone(rs), func(r providers.Resource) bool { return r.Type != t })
}

// collect runs the provider over all of its scopes and checks the cells.
func collect(t *testing.T, p providers.Provider, want []providers.Want) *sink {
	t.Helper()
	out := &sink{}
	for _, s := range scopesOf(t, p) {
		if err := p.Collect(t.Context(), s, want, out); err != nil {
			t.Fatalf("Collect %s: %v", s.ID, err)
		}
	}
	type cell struct{ scope, region, typ string }
	cellKey := func(c providers.Cell) cell { return cell{c.Scope.ID, c.Region, string(c.Type)} }
	planned, done := map[cell]int{}, map[cell]int{}
	for _, c := range out.planned {
		planned[cellKey(c)]++
	}
	for _, c := range out.done {
		done[cellKey(c)]++
	}
	for c, n := range planned {
		if n != 1 || done[c] != 1 {
			t.Errorf("cell %v was planned %d times and done %d times", c, n, done[c])
		}
	}
	for c := range done {
		if planned[c] == 0 {
			t.Errorf("cell %v was done but never planned", c)
		}
	}
	for _, r := range out.resources {
		ti, _ := p.Describe().Type(r.Type)
		region := r.Region
		if ti.Global {
			region = ""
		}
		if planned[cell{r.Scope.ID, region, string(r.Type)}] == 0 {
			t.Errorf("%s came from a cell that was not planned", r.ID)
		}
	}
	ids := map[string]bool{}
	for _, r := range out.resources {
		if ids[key(r)] {
			t.Errorf("%s was sent twice", key(r))
		}
		ids[key(r)] = true
	}
	return out
}

func scopesOf(t *testing.T, p providers.Provider) []providers.Scope {
	t.Helper()
	ss, err := p.Scopes(t.Context())
	if err != nil || len(ss) == 0 {
		t.Fatalf("Scopes: %v, %v", ss, err)
	}
	for _, s := range ss {
		if s.Provider != p.Describe().Name {
			t.Errorf("scope %s belongs to %q, the provider is %q", s.ID, s.Provider, p.Describe().Name)
		}
	}
	return ss
}

// checkResource checks that a resource read with every call allowed has exactly
// the attributes of its schema, as JSON values of the schema's types.
func checkResource(t *testing.T, schemas fs.FS, d providers.Description, r providers.Resource) {
	t.Helper()
	if r.ID == "" || r.Tags == nil || r.Attributes == nil {
		t.Errorf("%s %q: id, tags and attributes must be set", r.Type, r.ID)
	}
	for p, why := range r.Unknown {
		t.Errorf("%s: %s is unknown (%s) although every call is allowed", r.ID, p, why)
	}
	if got, want := slices.Sorted(maps.Keys(r.Attributes)), schemaProperties(t, schemas, r.Type); !slices.Equal(got, want) {
		t.Errorf("%s: has the attributes\n%v\nthe schema\n%v", r.ID, got, want)
	}
	doc := schemaOf(t, schemas, r.Type)
	b, err := json.Marshal(r.Attributes)
	if err != nil {
		t.Errorf("%s: %v", r.ID, err)
		return
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Errorf("%s: %v", r.ID, err)
		return
	}
	for _, problem := range validate(doc, v, "attributes") {
		t.Errorf("%s: %s", r.ID, problem)
	}
	if _, ok := d.Type(r.Type); !ok {
		t.Errorf("%s: type %s is not described", r.ID, r.Type)
	}
}

// Collect runs the provider over all of its scopes and returns the resources,
// sorted, and the gaps, in the order in which they came.
func Collect(t *testing.T, p providers.Provider, want []providers.Want) ([]providers.Resource, []providers.Gap) {
	t.Helper()
	out := collect(t, p, want)
	return out.sorted(), out.gaps
}
