package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// randomHeir is a resource with some tags, in an account or project with some.
func randomHeir(rng *rand.Rand) (providers.Resource, map[string]string) {
	types := map[providers.Type][]string{
		"aws_db_instance":       {"Owner", "Environment", "CostCenter", "owner", "Name", "env"},
		"google_compute_disk":   {"owner", "environment", "env", "cost_center", "cost-center", "name"},
		"google_storage_bucket": {"owner", "env", "costcenter", "name"},
	}
	typ := slices.Sorted(maps.Keys(types))[rng.IntN(len(types))]
	some := func() map[string]string {
		out := map[string]string{}
		for _, k := range types[typ] {
			if rng.IntN(3) == 0 {
				out[k] = []string{"prod", "Production", "tbd", "", "4711"}[rng.IntN(5)]
			}
		}
		return out
	}
	r := providers.Resource{Scope: providers.Scope{Provider: "x", ID: "1"}, Type: typ, ID: "heir", Tags: some(), Attributes: map[string]any{}}
	return r, some()
}

// randomInheritance lets some keys be inherited.
func randomInheritance(rng *rand.Rand) []engine.Inherit {
	var out []engine.Inherit
	for _, in := range inheritance() {
		switch rng.IntN(4) {
		case 0:
		case 1:
			in.From = in.From[:1]
			out = append(out, in)
		default:
			out = append(out, in)
		}
	}
	return out
}

func heirSession(t *testing.T, e *engine.Engine, inherit []engine.Inherit) *engine.Session {
	t.Helper()
	s, err := e.NewSession(engine.Config{Policies: inheriting(), Now: demo.Now(), Inherit: inherit})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// heirVerdicts are the results of the policies, without messages.
func heirVerdicts(t *testing.T, s *engine.Session, r providers.Resource) map[string]engine.Result {
	t.Helper()
	results, err := s.Evaluate(t.Context(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]engine.Result{}
	for _, res := range results {
		id := res.Policy.ID
		res.Policy, res.Message = nil, ""
		res.Denies = slices.Clone(res.Denies)
		for i := range res.Denies {
			res.Denies[i].Message = ""
		}
		out[id] = res
	}
	return out
}

func TestAnInheritedTagIsJudgedAsOneOfTheResourcesOwn(t *testing.T) {
	e, rng := shipped(t), rand.New(rand.NewPCG(3, 5))
	own := heirSession(t, e, nil)
	for range 20 {
		inherit := randomInheritance(rng)
		s := heirSession(t, e, inherit)
		for range 20 {
			r, tags := randomHeir(rng)
			r.Scope = r.Scope.WithTags(providers.HolderOf(r.Type), providers.HolderTags{Of: "holder", Tags: tags})
			want, got := heirVerdicts(t, own, moved(r, inherit)), heirVerdicts(t, s, r)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s with the tags %v in a holder with %v, of which it inherits %v (-moved +inherited):\n%s", r.Type, r.Tags, tags, inherit, diff)
			}
		}
	}
}

// What is not known of an account is unknown exactly where it matters: where not all that
// the account may have gives one verdict. What fails then fails for no less than is told.
func TestTagsThatAreNotKnownMatterWhereTheVerdictDependsOnThem(t *testing.T) {
	e, rng := shipped(t), rand.New(rand.NewPCG(8, 13))
	seen := map[finding.Verdict]int{}
	for range 15 {
		inherit := randomInheritance(rng)
		s := heirSession(t, e, inherit)
		for range 12 {
			r, _ := randomHeir(rng)
			holder := providers.HolderOf(r.Type)
			blind := r
			blind.Scope = r.Scope.WithTags(holder, providers.HolderTags{Of: "holder", Unknown: providers.Denied})
			got := heirVerdicts(t, s, blind)
			twin := blind
			twin.ID = "twin" // what was found out about the one serves the other
			if diff := cmp.Diff(got, heirVerdicts(t, s, twin)); diff != "" {
				t.Fatalf("of two resources with the tags %v (-one +other):\n%s", r.Tags, diff)
			}
			worlds := worldsOf(t, s, r, inherit)
			for id, res := range got {
				seen[res.Verdict]++
				verdicts := map[finding.Verdict]bool{}
				for _, w := range worlds {
					verdicts[w[id].Verdict] = true
					if res.Verdict == finding.Fail && !within(res.Denies, w[id].Denies) {
						t.Fatalf("%s: %+v is told of what can be %+v", id, res.Denies, w[id].Denies)
					}
				}
				want := finding.Unknown
				if len(verdicts) == 1 {
					want = slices.Collect(maps.Keys(verdicts))[0]
				}
				if res.Verdict != want {
					t.Fatalf("%s says %s, want %s, of %s with the tags %v, which may inherit %v", id, res.Verdict, want, r.Type, r.Tags, inherit)
				}
			}
		}
	}
	for _, v := range []finding.Verdict{finding.Pass, finding.Fail, finding.Unknown} {
		if seen[v] < 50 {
			t.Errorf("the verdict %s was seen %d times only", v, seen[v])
		}
	}
}

// worldsOf judges the resource with everything that its holder may have of the keys that are
// inherited.
func worldsOf(t *testing.T, s *engine.Session, r providers.Resource, inherit []engine.Inherit) []map[string]engine.Result {
	t.Helper()
	worlds := []map[string]string{{}}
	for _, in := range inherit {
		for _, w := range worlds {
			for _, v := range []string{"prod", "Production", "tbd", ""} {
				more := maps.Clone(w)
				more[in.Key] = v
				worlds = append(worlds, more)
			}
		}
	}
	var out []map[string]engine.Result
	for _, w := range worlds {
		r.Scope = r.Scope.WithTags(providers.HolderOf(r.Type), providers.HolderTags{Of: "holder", Tags: w})
		out = append(out, heirVerdicts(t, s, r))
	}
	return out
}

// within reports whether everything that is told is there too, with all of its defects.
func within(told, all []engine.Deny) bool {
	for _, d := range told {
		if !slices.ContainsFunc(all, func(o engine.Deny) bool {
			return fmt.Sprint(o.Path, o.Key) == fmt.Sprint(d.Path, d.Key) &&
				!slices.ContainsFunc(d.Defects, func(defect string) bool { return !slices.Contains(o.Defects, defect) })
		}) {
			return false
		}
	}
	return true
}
