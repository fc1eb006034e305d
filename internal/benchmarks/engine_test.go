package benchmarks

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
)

// perType is how many resources of each type are judged.
const perType = 64

// BenchmarkPair judges resources of every AWS type by every shipped policy of the
// type. An operation is one pass over all of them; what counts is cpu-ns/pair. The
// policies are compiled beforehand.
func BenchmarkPair(b *testing.B) {
	s := shipped(b)
	estate := readAWS(b, s)
	pairs := judgeAll(b, s, estate) // compiles
	b.ReportAllocs()
	begin := cpuTime(b)
	for b.Loop() {
		judgeAll(b, s, estate)
	}
	b.ReportMetric(float64(cpuTime(b)-begin)/float64(b.N*pairs), "cpu-ns/pair")
	b.ReportMetric(float64(pairs), "pairs/op")
}

// BenchmarkPairByPolicy is BenchmarkPair for one policy at a time: where to look
// when the mean is too high.
func BenchmarkPairByPolicy(b *testing.B) {
	estate := readAWS(b, shipped(b))
	for _, p := range shipped(b).Policies() {
		if !slices.ContainsFunc(p.Types, func(t providers.Type) bool { return len(estate.byType[t]) > 0 }) {
			continue
		}
		b.Run(p.ID, func(b *testing.B) {
			s := shipped(b, p.ID)
			pairs := judgeAll(b, s, estate)
			begin := cpuTime(b)
			for b.Loop() {
				judgeAll(b, s, estate)
			}
			b.ReportMetric(float64(cpuTime(b)-begin)/float64(b.N*pairs), "cpu-ns/pair")
		})
	}
}

func shipped(b testing.TB, ids ...string) *engine.Session {
	b.Helper()
	e, err := engine.Load(engine.Source{FS: policies.Files, Builtin: true})
	if err != nil {
		b.Fatal(err)
	}
	s, err := e.NewSession(engine.Config{Policies: ids, Now: demo.Now()})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// judgeAll judges every resource and returns how many pairs there were.
func judgeAll(b *testing.B, s *engine.Session, e *estate) int {
	pairs := 0
	for _, r := range e.resources {
		out, err := s.Evaluate(b.Context(), r, e.related)
		if err != nil {
			b.Fatal(err)
		}
		pairs += len(out)
	}
	return pairs
}

// estate is resources to judge, perType of each type, and what they may be joined with.
type estate struct {
	resources []providers.Resource
	byType    map[providers.Type][]providers.Resource
	related   *engine.Related
}

// readAWS collects the simulated AWS estate with the real collectors and makes
// variations of what it finds, until there are perType resources of every type.
func readAWS(b *testing.B, s *engine.Session) *estate {
	b.Helper()
	world, err := demo.New(demo.Faults{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = world.Close() })
	i := slices.IndexFunc(world.Providers, func(p providers.Provider) bool { return p.Describe().Name == "aws" })
	p := world.Providers[i]
	want, err := s.Wants(s.Types())
	if err != nil {
		b.Fatal(err)
	}
	scopes, err := p.Scopes(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	found := &heap{byType: map[providers.Type][]providers.Resource{}}
	for _, sc := range scopes {
		if err := p.Collect(b.Context(), sc, want, found); err != nil {
			b.Fatal(err)
		}
	}
	out := &estate{byType: map[providers.Type][]providers.Resource{}, related: engine.NewRelated()}
	for _, t := range slices.Sorted(maps.Keys(found.byType)) {
		list := found.byType[t]
		slices.SortFunc(list, func(a, b providers.Resource) int { return strings.Compare(a.ID, b.ID) })
		for _, r := range list {
			out.related.Add(r)
		}
		for i := range perType {
			r := vary(list[i%len(list)], i)
			out.byType[t] = append(out.byType[t], r)
			out.resources = append(out.resources, r)
		}
	}
	return out
}

// heap is a Sink that keeps the resources.
type heap struct {
	mu     sync.Mutex
	byType map[providers.Type][]providers.Resource
}

func (h *heap) Plan(...providers.Cell) {}
func (h *heap) Done(providers.Cell)    {}
func (h *heap) Gap(providers.Gap)      {}
func (h *heap) Resource(r providers.Resource) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.byType[r.Type] = append(h.byType[r.Type], r)
}

// vary returns the n-th variation of a resource: no two have the same id, name or
// tags, and every third one has one attribute set differently.
func vary(r providers.Resource, n int) providers.Resource {
	rnd := rand.New(rand.NewPCG(42, uint64(n)))
	r.ID, r.Name = fmt.Sprintf("%s-%04d", r.ID, n), fmt.Sprintf("%s-%04d", r.Name, n)
	r.Tags = maps.Clone(r.Tags)
	if len(r.Tags) > 0 && n%8 != 0 { // some stay as they were found
		r.Tags = map[string]string{
			"Name": r.Name, "Owner": fmt.Sprintf("team-%02d", rnd.IntN(40)), "CostCenter": fmt.Sprintf("%04d", 1000+rnd.IntN(60)),
			"Environment": []string{"prod", "staging", "test", "dev", "production"}[rnd.IntN(5)],
		}
		if n%5 == 0 {
			delete(r.Tags, "CostCenter")
		}
	}
	if n%3 != 0 || len(r.Attributes) == 0 {
		return r
	}
	r.Attributes = maps.Clone(r.Attributes)
	names := slices.Sorted(maps.Keys(r.Attributes))
	a := names[rnd.IntN(len(names))]
	switch v := r.Attributes[a].(type) {
	case bool:
		r.Attributes[a] = !v
	case int64:
		r.Attributes[a] = v + 1
	case float64:
		r.Attributes[a] = v + 1
	case []any:
		r.Attributes[a] = v[:len(v)/2]
	}
	return r
}
