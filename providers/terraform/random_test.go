package terraform

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/providers"
)

// samples are the plans that the tests of this file change at random.
func samples(t testing.TB) []string {
	t.Helper()
	out := []string{referencesPlan(t), fixture(t, s3Satellites()...), string(plan(t, 40))}
	for _, name := range []string{"sqs.json", "conformance.json"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

// strange returns values of every kind that may be where another is expected.
func strange() []any {
	return []any{
		nil, true, false, 0, -1, 1.5, 1e300, "", "x", "a.b[0]", `module.m["`,
		[]any{},
		[]any{nil},
		[]any{true, "x"},
		obj{},
		obj{"": nil},
		obj{"a.b": true},
		[]any{obj{"statements": 1}},
	}
}

// change replaces one value somewhere in v by another of any kind.
func change(rng *rand.Rand, v any) any {
	strange := strange()
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && rng.IntN(20) > 0 {
			i := rng.IntN(len(v))
			for k := range v { // not in order, but as good as any
				if i--; i < 0 {
					v[k] = change(rng, v[k])
					return v
				}
			}
		}
	case []any:
		if len(v) > 0 && rng.IntN(20) > 0 {
			i := rng.IntN(len(v))
			v[i] = change(rng, v[i])
			return v
		}
	}
	return strange[rng.IntN(len(strange))]
}

func TestADamagedPlanIsRefusedOrReadButNeverPanics(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	read := 0
	for _, sample := range samples(t) {
		for range 100 {
			var tree map[string]any
			if err := json.Unmarshal([]byte(sample), &tree); err != nil {
				t.Fatal(err)
			}
			for range 1 + rng.IntN(8) {
				for k := range tree {
					if k != "format_version" && rng.IntN(2) == 0 {
						tree[k] = change(rng, tree[k])
						break
					}
				}
			}
			b, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Open(strings.NewReader(string(b)), int64(len(b)), Options{Name: "plan.json", Schemas: schemas(t)})
			var e *Error
			if err != nil && !errors.As(err, &e) {
				t.Fatalf("%v is not an *Error", err)
			}
			if err == nil {
				collect(t, p)
				earlier(t, p, all)
				read++
			}
		}
	}
	if read == 0 {
		t.Error("no changed plan could be read: the test shows nothing")
	}
}

// mask makes values below after unknown at random.
func mask(rng *rand.Rand, after, unknown map[string]any, configured func(string) bool) {
	for k, v := range after {
		if !configured(k) || rng.IntN(3) > 0 {
			continue
		}
		if l, ok := v.([]any); ok && len(l) > 0 && rng.IntN(2) == 0 {
			m := make([]any, len(l))
			for i, e := range l {
				m[i] = false
				if o, ok := e.(map[string]any); ok && rng.IntN(2) == 0 {
					inner := map[string]any{}
					mask(rng, o, inner, func(string) bool { return true })
					m[i] = inner
				} else if rng.IntN(2) == 0 {
					m[i], l[i] = true, nil
				}
			}
			unknown[k] = m
			continue
		}
		delete(after, k)
		unknown[k] = true
	}
}

// same reports whether got says nothing else than want: an unknown part of it says
// nothing.
func same(want, got any, path string, unknown map[string]providers.Reason) bool {
	if unknown[path] != "" {
		return true
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for k := range w {
			if !same(w[k], g[k], path+"."+k, unknown) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !same(w[i], g[i], path+"."+strconv.Itoa(i), unknown) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, got)
}

func TestWhatIsUnknownInThePlanChangesNoOtherAnswer(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	unknowns := 0
	for _, resources := range [][]res{s3Satellites(), sgPlan()} {
		full := collect(t, open(t, fixture(t, resources...), Options{})).byID()
		for range 200 {
			// Copies: masks are made by changing the resources.
			var less []res
			for _, r := range resources {
				less = append(less, res{address: r.address, action: r.action, after: clone(t, r.after), unknown: clone(t, r.unknown), config: r.config})
				last := less[len(less)-1]
				// An attribute that nobody configured is taken for null when it is
				// unknown: only satellites and what is configured may become unknown.
				_, whole := full[r.address]
				// What rules are put together by stays known: unknown, it changes how the
				// list is divided and not what it says.
				grouping := []string{"from_port", "to_port", "ip_protocol", "description"}
				mask(rng, last.after, last.unknown, func(k string) bool { return (!whole || r.config[k] != nil) && !slices.Contains(grouping, k) })
			}
			for id, r := range collect(t, open(t, fixture(t, less...), Options{})).byID() {
				unknowns += len(r.Unknown)
				for a, want := range full[id].Attributes {
					if full[id].Unknown[a] == "" && !same(want, r.Attributes[a], a, merged(r.Unknown, full[id].Unknown)) {
						t.Fatalf("%s: %s is\n%v\nwith more unknown (%v), it was\n%v", id, a, r.Attributes[a], r.Unknown, want)
					}
				}
			}
		}
	}
	if unknowns == 0 {
		t.Error("nothing became unknown: the test shows nothing")
	}
}

func merged(a, b map[string]providers.Reason) map[string]providers.Reason {
	out := map[string]providers.Reason{}
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		out[k] = v
	}
	return out
}

func clone(t *testing.T, m map[string]any) map[string]any {
	t.Helper()
	out := map[string]any{}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if out == nil {
		out = map[string]any{}
	}
	return out
}

// sgPlan is a security group with a block and rules of its own.
func sgPlan() []res {
	block := []any{rule(obj{"cidr_blocks": []any{"10.0.0.0/8", "0.0.0.0/0"}, "from_port": 22, "to_port": 22})}
	r := func(name string, port int) res {
		return res{
			address: sgIngress + "." + name,
			after: obj{
				"cidr_ipv4": "192.0.2.0/24", "cidr_ipv6": nil, "description": nil, "from_port": port, "to_port": port, "ip_protocol": "tcp",
				"prefix_list_id": nil, "referenced_security_group_id": nil,
			},
			unknown: obj{"id": true, "security_group_id": true}, config: obj{"security_group_id": "=aws_security_group.g.id"},
		}
	}
	return []res{newGroup(obj{"ingress": block}, obj{"ingress": block, "description": "web", "vpc_id": "vpc-1"}), r("a", 443), r("b", 444), r("c", 80)}
}
