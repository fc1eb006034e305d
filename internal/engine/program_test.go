package engine

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
)

// both returns two sessions over the same policies: one judges by programs from the
// first resource on, the other by topdown only.
func both(t *testing.T, e *Engine) (program, topdown *Session) {
	t.Helper()
	program, topdown = session(t, e), session(t, e)
	program.planFrom, topdown.planFrom = 1, math.MaxInt64
	return program, topdown
}

// results judges a resource and returns the results by policy.
func results(t *testing.T, s *Session, r providers.Resource, rel *Related) map[string]Result {
	t.Helper()
	list, err := s.Evaluate(t.Context(), r, rel)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Result{}
	for _, res := range list {
		id := res.Policy.ID
		res.Policy = nil
		out[id] = res
	}
	return out
}

// same judges a resource both ways and compares the whole results.
func same(t *testing.T, program, topdown *Session, r providers.Resource, rel *Related) map[string]Result {
	t.Helper()
	want, got := results(t, topdown, r, rel), results(t, program, r, rel)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the program differs from topdown (-topdown +program) on\n%v\n%v\n%s", r.Attributes, r.Tags, diff)
	}
	return got
}

// atLeast reports whether a result leaves open how bad the defects are.
func atLeast(r Result) bool {
	return slices.ContainsFunc(r.Denies, func(d Deny) bool { return d.AtLeast != "" })
}

// withoutParts returns a result as it is where something unknown leaves its parts open.
func withoutParts(r Result, why string) Result {
	r.Denies = slices.Clone(r.Denies)
	for i := range r.Denies {
		r.Denies[i].Defects, r.Denies[i].AtLeast = nil, why
	}
	return r
}

// sameBlind does so with a resource of which something is unknown. Where topdown
// cannot tell, or not how bad it is, a program may: but then it says what is true with
// everything known.
func sameBlind(t *testing.T, program, topdown *Session, blinded providers.Resource, rel *Related, full map[string]Result) {
	t.Helper()
	want, got := results(t, topdown, blinded, rel), results(t, program, blinded, rel)
	for id, w := range want {
		if w.Verdict == finding.Unknown && got[id].Verdict != finding.Unknown || atLeast(w) && !atLeast(got[id]) {
			w = full[id]
			if atLeast(got[id]) { // of which it names no parts
				w = withoutParts(w, got[id].Denies[0].AtLeast)
			}
		}
		if diff := cmp.Diff(w, got[id]); diff != "" {
			t.Fatalf("%s: the program differs (-want +program) on\n%v\n%v\nunknown %v\n%s", id, blinded.Attributes, blinded.Tags, blinded.Unknown, diff)
		}
	}
}

// sameBeside does so with joined resources of which something is unknown. Where topdown
// cannot tell, a program may: but then it says what is true whatever the unknown is.
func sameBeside(t *testing.T, program, topdown *Session, r providers.Resource, others []providers.Resource) map[string]Result {
	t.Helper()
	beside := func(complete func(providers.Resource) providers.Resource) *Related {
		rel := NewRelated()
		for _, o := range others {
			rel.Add(complete(o))
		}
		return rel
	}
	rel := beside(func(o providers.Resource) providers.Resource { return o })
	want, got := results(t, topdown, r, rel), results(t, program, r, rel)
	for id, w := range want {
		if w.Verdict != finding.Unknown || got[id].Verdict == finding.Unknown {
			if diff := cmp.Diff(w, got[id]); diff != "" {
				t.Fatalf("%s: the program differs from topdown (-topdown +program) on\n%v\n%v\n%s", id, r.Attributes, r.Tags, diff)
			}
			continue
		}
		for _, v := range []any{nil, true, false, "x", "*", int64(3), []any{}, []any{"x"}, map[string]any{}} {
			known := beside(func(o providers.Resource) providers.Resource {
				o.Attributes = clone(o.Attributes).(map[string]any)
				for path := range o.Unknown {
					put(t, o.Attributes, strings.Split(path, "."), v)
				}
				o.Unknown = nil
				return o
			})
			if truth := results(t, topdown, r, known)[id]; truth.Verdict != got[id].Verdict {
				t.Fatalf("%s: the program says %s, and with %v for what is unknown of the joined resources it is %s", id, got[id].Verdict, v, truth.Verdict)
			}
		}
	}
	return got
}

// put sets what is at a path of attributes.
func put(t *testing.T, at any, path []string, v any) {
	t.Helper()
	switch c := at.(type) {
	case map[string]any:
		if len(path) == 1 {
			c[path[0]] = v
			return
		}
		put(t, c[path[0]], path[1:], v)
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(c) {
			t.Fatalf("there is no %v in %v", path, at)
		}
		if len(path) == 1 {
			c[i] = v
			return
		}
		put(t, c[i], path[1:], v)
	default:
		t.Fatalf("there is no %v in %v", path, at)
	}
}

// expressions are rules that use what the language has, to compare the program with
// topdown on.
func expressions() map[string]string {
	files := idioms()
	for name, rules := range map[string]string{
		"nestedrefs": `grid[k][v] := 1 if some k, v in input.resource.attributes.settings
deny contains {"message": sprintf("%v", [grid]), "path": "settings"} if count(grid) > 0`,
		"nestedset": `by[v] contains k if some k, v in input.resource.attributes.settings
deny contains {"message": sprintf("%v", [by.on]), "path": "settings"} if by.on`,
		"conflict":   `which := k if some k, v in input.resource.attributes.settings` + "\n" + `deny contains {"message": which, "path": "settings"} if which`,
		"collide":    `deny contains {"message": sprintf("%v", [m]), "path": "settings"} if { m := {v: k | some k, v in input.resource.attributes.settings} }`,
		"fallback":   `kind := "mfa" if input.resource.attributes.versioning.mfa == "on" else := "plain" if input.resource.attributes.versioning.enabled else := "none"` + "\n" + `deny contains {"message": kind, "path": "versioning"} if kind != "none"`,
		"default":    "default bad := false\n" + `bad if input.resource.attributes.retention < 5` + "\n" + `deny contains {"message": "bad", "path": "retention"} if bad`,
		"nestedloop": `deny contains {"message": sprintf("%d %s", [r.port, c]), "path": "rules", "key": c} if { some r in input.resource.attributes.rules; some c in r.cidrs; not startswith(c, "10.") }`,
		"notloop":    `deny contains {"message": "x", "path": "rules"} if { some r in input.resource.attributes.rules; not world(r) }` + "\n" + `world(r) if { some c in r.cidrs; c == "0.0.0.0/0" }`,
		"notevery":   `deny contains {"message": "x", "path": "rules"} if { some r in input.resource.attributes.rules; every c in r.cidrs { c != "0.0.0.0/0" } }`,
		"compare":    `deny contains {"message": "x", "path": "rules"} if { {p | some r in input.resource.attributes.rules; p := r.port} == {22, 443} }`,
		"arrays":     `deny contains {"message": sprintf("%v", [ps]), "path": "rules"} if { ps := [[r.port, i] | some i, r in input.resource.attributes.rules]; [first, _] := ps[0]; first == 22 }`,
		"destruct":   `deny contains {"message": p, "path": "rules"} if { some {"port": 22, "peer": p, "cidrs": _} in input.resource.attributes.rules; is_string(p) }`,
		"object":     `deny contains object.union({"message": "x", "path": "rules"}, extra) if { count(input.resource.attributes.rules) > 1 }` + "\n" + `extra := {"monthly_cost_usd": round(count(input.resource.attributes.rules) * 1.5)}`,
		"iterall":    `deny contains {"message": k, "path": "x"} if { some k; input.resource.tags[k] == "1" }`,
		"errors":     `deny contains {"message": sprintf("%d", [to_number(v)]), "path": "settings"} if { some v in input.resource.attributes.settings }`,
		"dividing":   `deny contains {"message": "x", "path": "retention"} if { 7 / (input.resource.attributes.retention - 1) > 0 }`,
		"types":      `deny contains {"message": type_name(input.resource.attributes.retention), "path": "retention"} if { not is_null(input.resource.attributes.retention) }`,
		"either":     `deny contains {"message": "x", "path": "x"} if pick(input.resource.attributes.kms_key) in {"a", true}` + "\n" + `pick("k") := "a"` + "\n" + `pick(null) := true` + "\n" + `pick("bad") := false`,
		"falsy":      `deny contains {"message": "x", "path": "x"} if { b := input.resource.attributes.encrypted; not b }`,
		"with":       `deny contains {"message": "x", "path": "x"} if { off with input.resource.attributes.encrypted as false }` + "\n" + `off if { not input.resource.attributes.encrypted; input.resource.attributes.retention == 1 }`,
		"dynamic":    `deny contains {"message": "x", "path": "x"} if { some name in ["one", "two"]; data.metsuke.test.dynamic.helpers[name] }` + "\n" + `helpers["one"] := true if input.resource.attributes.encrypted` + "\n" + `helpers["two"] := true if input.resource.attributes.retention == 7`,
		"walking":    `deny contains {"message": concat(".", [sprintf("%v", [s]) | some s in p]), "path": "rules"} if { walk(input.resource.attributes.rules, [p, v]); v == "0.0.0.0/0" }`,
		"strings":    `deny contains {"message": upper(trim_suffix(k, "x")), "path": "settings"} if { some k, v in input.resource.attributes.settings; regex.match("^o", v); glob.match("*", [], k) }`,
		"applerr":    "applicable if to_number(input.resource.attributes.kms_key) > 0\n" + `deny contains {"message": "x", "path": "x"} if input.resource.attributes.encrypted`,
	} {
		files["expr"+name+".rego"] = policy(name+"_x", "", strings.ReplaceAll(rules, "test.dynamic.", "test.dynamic_x."))
	}
	return files
}

func TestProgramsJudgeAsTopdownDoes(t *testing.T) {
	program, topdown := both(t, library(t, expressions()))
	rnd := rand.New(rand.NewPCG(3, 4))
	pick := func(vs ...any) any { return vs[rnd.IntN(len(vs))] }
	counts := map[string]map[finding.Verdict]int{}
	for range 1200 {
		rules := []any{}
		for range rnd.IntN(3) {
			rules = append(rules, map[string]any{
				"port": pick(int64(22), int64(443), nil), "cidrs": pick([]any{"0.0.0.0/0"}, []any{"10.0.0.0/8", "0.0.0.0/0"}, []any{}, nil), "peer": pick("p", nil),
			})
		}
		r := thing(map[string]any{
			"encrypted": pick(true, false, nil), "retention": pick(int64(1), int64(7), 2.5, nil), "kms_key": pick("k", "bad", "12", nil),
			"versioning": pick(nil, map[string]any{"enabled": true, "mfa": nil}, map[string]any{"enabled": false, "mfa": "on"}),
			"settings":   pick(map[string]any{}, map[string]any{"debug": "on"}, map[string]any{"debug": "off", "x": "on", "y": "on"}, map[string]any{"n": "5"}), "rules": rules,
		})
		for _, k := range []string{"a", "b"} {
			if rnd.IntN(2) == 0 {
				r.Tags[k] = []string{"1", "bad"}[rnd.IntN(2)]
			}
		}
		rel := NewRelated()
		for i := range rnd.IntN(3) {
			rel.Add(providers.Resource{Type: "test_other", ID: fmt.Sprint("o", i), Attributes: map[string]any{"public": pick(true, false, nil), "thing": pick("thing", "else", nil)}})
		}
		full := same(t, program, topdown, r, rel)
		for id, res := range full {
			if counts[id] == nil {
				counts[id] = map[finding.Verdict]int{}
			}
			counts[id][res.Verdict]++
		}
		if rnd.IntN(3) == 0 {
			blinded := r
			blinded.Attributes, blinded.Tags = clone(r.Attributes).(map[string]any), maps.Clone(r.Tags)
			blinded.Unknown = map[string]providers.Reason{}
			hide(rnd, &blinded)
			sameBlind(t, program, topdown, blinded, rel, full)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		if len(counts[id]) < 2 {
			t.Errorf("%s gave one verdict only: %v", id, counts[id])
		}
	}
}

func TestShippedPoliciesJudgeTheirCasesAsTopdownDoes(t *testing.T) {
	e, err := Load(Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	program, topdown := both(t, e)
	rnd := rand.New(rand.NewPCG(5, 6))
	judged := map[string]bool{}
	for _, p := range e.Policies() {
		b, err := fs.ReadFile(policies.Files, strings.TrimSuffix(p.File, ".rego")+"_cases.yaml")
		if err != nil {
			t.Fatalf("%s has no cases: %v", p.ID, err)
		}
		var cases []testCase
		if err := yaml.NewDecoder(bytes.NewReader(b)).Decode(&cases); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			r, err := e.resourceOf(c.Resource, p.Types)
			if err != nil {
				t.Fatal(err)
			}
			var others []providers.Resource
			for typ, list := range c.Related {
				for _, cr := range list {
					other, err := e.resourceOf(cr, []providers.Type{typ})
					if err != nil {
						t.Fatal(err)
					}
					others = append(others, other)
				}
			}
			fill(e, &r)
			for range 4 {
				for id := range sameBeside(t, program, topdown, r, others) {
					judged[id] = true
				}
				r.Attributes = clone(r.Attributes).(map[string]any)
				mutate(rnd, r.Attributes)
			}
		}
	}
	for _, p := range e.Policies() {
		if !judged[p.ID] {
			t.Errorf("%s was not judged", p.ID)
		}
	}
}

// fill adds null for the attributes of which a case says nothing and for those that
// are unknown, so that programs judge it: with all policies of the type.
func fill(e *Engine, r *providers.Resource) {
	r.Attributes, r.Unknown = maps.Clone(r.Attributes), nil
	for _, a := range e.schemas.attributes(r.Type) {
		if _, ok := r.Attributes[a]; !ok {
			r.Attributes[a] = nil
		}
	}
}

// mutate changes a value somewhere in an object.
func mutate(rnd *rand.Rand, m map[string]any) {
	if len(m) == 0 {
		return
	}
	k := slices.Sorted(maps.Keys(m))[rnd.IntN(len(m))]
	switch v := m[k].(type) {
	case bool:
		m[k] = !v
	case map[string]any:
		mutate(rnd, v)
	case []any:
		if len(v) > 0 {
			if sub, ok := v[rnd.IntN(len(v))].(map[string]any); ok && rnd.IntN(3) > 0 {
				mutate(rnd, sub)
				return
			}
			m[k] = v[:len(v)-1]
		}
	default:
		m[k] = []any{nil, true, int64(3), "x", "*", "2020-01-01T00:00:00Z", []any{}, []any{"0.0.0.0/0"}, map[string]any{}}[rnd.IntN(9)]
	}
}

func TestEveryShippedPolicyHasAProgram(t *testing.T) {
	e, err := Load(Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	s := session(t, e)
	for _, typ := range s.Types() {
		evs, err := s.of(typ)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range evs {
			pr, err := ev.planned(t.Context(), true)
			if err != nil {
				t.Fatal(err)
			}
			if ev.unit != nil {
				t.Errorf("the policies of %s have to be compiled although there are plans", typ)
			}
			for i, entry := range pr.entries {
				if entry.deny == nil {
					t.Errorf("%s on %s has no program: it is judged several times slower", ev.policies[i].ID, typ)
				}
			}
		}
	}
}
