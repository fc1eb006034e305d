// Package providertest is the conformance suite that every provider runs. It
// holds an implementation to the contract of package providers, above all to
// this: what could not be read is a Gap, never an empty answer.
//
// It imports only the standard library, package providers and a test's schemas;
// it knows no provider.
package providertest

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/metsuke-dev/metsuke/providers"
)

// Faults is how the simulated API behind a provider under test misbehaves. The
// zero value is an API that answers everything.
type Faults struct {
	// Deny says whether the operation is refused as the real API refuses a
	// credential without the permission. Nil denies nothing.
	Deny func(operation string) bool
	// Throttle is how many times each operation is refused for rate before it is
	// answered.
	Throttle int
	// PageSize is the largest number of items in one page; 0 is the API's own.
	PageSize int
	// Observe is told every operation that reaches the API, refused ones included,
	// by the name that the provider's Description gives it. It may be nil.
	Observe func(operation string)
}

// Config says how to test a provider.
type Config struct {
	// New returns the provider under test in front of a fresh simulated API with
	// the given faults. The simulated estate holds at least two resources of every
	// type that can have two. Waiting after a throttled call must be short.
	New func(t *testing.T, f Faults) providers.Provider
	// Schemas holds <type>.json for every type that the provider describes.
	Schemas fs.FS
	// Ambient operations are made before any resource is read (finding the scopes,
	// the regions, the credentials' identity): they belong to no type. Each has the
	// name that Faults.Observe reports.
	Ambient []string
	// Unexercised says why a declared call is not made in the simulated estate, by
	// operation: a fallback for an answer that the estate does not give.
	Unexercised map[string]string
}

// Run tests a provider against the contract in package providers.
func Run(t *testing.T, c Config) {
	t.Helper()
	t.Run("the description is sorted and complete", c.testDescription)
	t.Run("all calls allowed: attributes equal the schema and nothing is missing", c.testAllowed)
	t.Run("only what is wanted is emitted and called for", c.testWanted)
	t.Run("each call denied in turn is a gap and nothing else changes", c.testDeniedInTurn)
	t.Run("all calls denied: no resources, and every cell has a gap", c.testAllDenied)
	t.Run("throttled then released gives the same inventory", c.testThrottled)
	t.Run("pages of one item give the same inventory", c.testPages)
	t.Run("a cell that is there already is not read", c.testRemembered)
	t.Run("a cancelled context stops the collection with an error", c.testCancelled)
}

func (c Config) testDescription(t *testing.T) {
	d := c.New(t, Faults{}).Describe()
	if d.Name == "" || d.Title == "" || len(d.Types) == 0 {
		t.Fatalf("the description lacks a name, a title or types: %+v", d)
	}
	if !slices.IsSortedFunc(d.Types, func(a, b providers.TypeInfo) int { return strings.Compare(string(a.Type), string(b.Type)) }) {
		t.Error("types are not sorted")
	}
	for _, ti := range d.Types {
		props := schemaProperties(t, c.Schemas, ti.Type)
		got := slices.DeleteFunc(ti.AllAttributes(), func(a string) bool { return a == "tags" })
		if !slices.Equal(got, props) {
			t.Errorf("%s: the description gives the attributes\n%v\nthe schema has\n%v", ti.Type, got, props)
		}
		seen := map[string]bool{}
		count := func(as []string) {
			for _, a := range as {
				if seen[a] {
					t.Errorf("%s: attribute %s is given twice", ti.Type, a)
				}
				seen[a] = true
			}
		}
		count(ti.Attributes)
		for _, det := range ti.Details {
			count(det.Attributes)
			if len(det.Calls) == 0 {
				t.Errorf("%s: detail %v costs no call: list its attributes with the type", ti.Type, det.Attributes)
			}
		}
	}
}

func (c Config) testAllowed(t *testing.T) {
	var mu sync.Mutex
	made := map[string]bool{}
	p := c.New(t, Faults{Observe: func(op string) { mu.Lock(); made[op] = true; mu.Unlock() }})
	d := p.Describe()
	got := collect(t, p, d.Everything())
	for _, g := range got.gaps {
		t.Errorf("a gap although every call is allowed: %+v", g)
	}
	found := map[providers.Type]int{}
	for _, r := range got.resources {
		found[r.Type]++
		checkResource(t, c.Schemas, d, r)
	}
	for _, ti := range d.Types {
		if found[ti.Type] == 0 {
			t.Errorf("the simulated estate has no %s", ti.Type)
		}
	}
	declared := map[string]bool{}
	for _, op := range c.Ambient {
		declared[op] = true
	}
	for _, ti := range d.Types {
		for _, call := range ti.CallsFor(ti.AllAttributes()) {
			declared[call.Operation] = true
		}
	}
	for _, op := range slices.Sorted(maps.Keys(made)) {
		if !declared[op] {
			t.Errorf("%s is called but not declared", op)
		}
	}
	for _, op := range slices.Sorted(maps.Keys(declared)) {
		if !made[op] && c.Unexercised[op] == "" && !slices.Contains(c.Ambient, op) {
			t.Errorf("%s is declared but never called", op)
		}
	}
}

// testWanted asks for one group of attributes of one type at a time.
func (c Config) testWanted(t *testing.T) {
	if got := collect(t, c.New(t, Faults{}), nil); len(got.resources)+len(got.gaps)+len(got.planned) > 0 {
		t.Errorf("asked for nothing, got %d resources, %d gaps, %d cells", len(got.resources), len(got.gaps), len(got.planned))
	}
	for _, ti := range c.New(t, Faults{}).Describe().Types {
		groups := [][]string{{}, ti.Attributes}
		for _, det := range ti.Details {
			groups = append(groups, det.Attributes)
		}
		for _, attrs := range groups {
			var mu sync.Mutex
			made := map[string]bool{}
			p := c.New(t, Faults{Observe: func(op string) { mu.Lock(); made[op] = true; mu.Unlock() }})
			got := collect(t, p, []providers.Want{{Type: ti.Type, Attributes: attrs}})
			for _, r := range got.resources {
				if r.Type != ti.Type {
					t.Errorf("wanted %s, got the %s %s", ti.Type, r.Type, r.ID)
				}
				for a := range r.Attributes {
					if !slices.Contains(attrs, a) {
						t.Errorf("%s: wanted %v, got %s as well", r.ID, attrs, a)
					}
				}
				if len(r.Tags) > 0 && !slices.Contains(attrs, "tags") {
					t.Errorf("%s: wanted %v, got tags as well", r.ID, attrs)
				}
			}
			allowed := slices.Clone(c.Ambient)
			for _, call := range ti.CallsFor(attrs) {
				allowed = append(allowed, call.Operation)
			}
			for op := range made {
				if !slices.Contains(allowed, op) {
					t.Errorf("%s: wanted %v, which does not take %s", ti.Type, attrs, op)
				}
			}
		}
	}
}

func (c Config) testDeniedInTurn(t *testing.T) {
	full := collect(t, c.New(t, Faults{}), c.New(t, Faults{}).Describe().Everything())
	byID := map[string]providers.Resource{}
	for _, r := range full.resources {
		byID[key(r)] = r
	}
	for _, ti := range c.New(t, Faults{}).Describe().Types {
		want := []providers.Want{{Type: ti.Type, Attributes: ti.AllAttributes()}}
		for _, call := range ti.CallsFor(ti.AllAttributes()) {
			if c.Unexercised[call.Operation] != "" {
				continue
			}
			p := c.New(t, Faults{Deny: func(op string) bool { return op == call.Operation }})
			got := collect(t, p, want)
			i := slices.IndexFunc(got.gaps, func(g providers.Gap) bool { return g.Call == call.Operation })
			if i < 0 && !slices.Contains(c.Ambient, call.Operation) {
				t.Errorf("%s: %s was denied and there is no gap for it: %+v", ti.Type, call.Operation, got.gaps)
				continue
			}
			if i >= 0 {
				g := got.gaps[i]
				if g.Reason != providers.Denied {
					t.Errorf("%s: %s was denied, the gap says %s: %s", ti.Type, call.Operation, g.Reason, g.Err)
				}
				if len(call.Permissions) > 0 && !slices.Contains(call.Permissions, g.Permission) {
					t.Errorf("%s: %s was denied, the gap asks for %q, not for one of %v", ti.Type, call.Operation, g.Permission, call.Permissions)
				}
			}
			for _, r := range got.resources {
				ref, ok := byID[key(r)]
				if !ok {
					t.Errorf("%s: with %s denied there is a resource that was not there before: %s", ti.Type, call.Operation, r.ID)
					continue
				}
				for _, diff := range contradictions(ref, r) {
					t.Errorf("%s: with %s denied, %s: %s", r.ID, call.Operation, r.Type, diff)
				}
			}
			if lost := len(byType(full.resources, ti.Type)) - len(got.resources); lost > 0 && !got.hasCellGap(ti.Type) {
				t.Errorf("%s: with %s denied %d resources are gone and no cell has a gap", ti.Type, call.Operation, lost)
			}
		}
	}
}

func (c Config) testAllDenied(t *testing.T) {
	p := c.New(t, Faults{Deny: func(op string) bool { return !slices.Contains(c.Ambient, op) }})
	d := p.Describe()
	got := collect(t, p, d.Everything())
	for _, r := range got.resources {
		if ti, _ := d.Type(r.Type); !c.free(ti) {
			t.Errorf("every call was refused, yet there is %s", r.ID)
		}
	}
	for _, cell := range got.planned {
		if ti, _ := d.Type(cell.Type); c.free(ti) {
			continue
		}
		if !slices.ContainsFunc(got.gaps, func(g providers.Gap) bool {
			return g.Scope.ID == cell.Scope.ID && g.Region == cell.Region && g.Type == cell.Type && g.ID == "" && g.Path == ""
		}) {
			t.Errorf("every call was refused, yet %s in %s %q has no gap", cell.Type, cell.Scope.ID, cell.Region)
		}
	}
}

// free reports whether a type can be listed although every call is refused: it
// takes none, or only those that are made before any resource is read.
func (c Config) free(ti providers.TypeInfo) bool {
	return !slices.ContainsFunc(ti.Calls, func(call providers.Call) bool { return !slices.Contains(c.Ambient, call.Operation) })
}

func (c Config) testThrottled(t *testing.T) {
	want := c.New(t, Faults{}).Describe().Everything()
	sameInventory(t, collect(t, c.New(t, Faults{}), want), collect(t, c.New(t, Faults{Throttle: 1}), want))
}

func (c Config) testPages(t *testing.T) {
	want := c.New(t, Faults{}).Describe().Everything()
	sameInventory(t, collect(t, c.New(t, Faults{}), want), collect(t, c.New(t, Faults{PageSize: 1}), want))
}

func (c Config) testCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := c.New(t, Faults{Observe: func(op string) {
		if !slices.Contains(c.Ambient, op) {
			cancel()
		}
	}})
	want := p.Describe().Everything()
	scopes := scopesOf(t, p)
	calls := slices.ContainsFunc(p.Describe().Types, func(ti providers.TypeInfo) bool { return len(ti.CallsFor(ti.AllAttributes())) > 0 })
	if err := p.Collect(ctx, scopes[0], want, &sink{}); err == nil && calls { // without calls there is no midway to cancel at
		t.Error("Collect returned nil although its context was cancelled midway")
	}
	cancelled, cancelNow := context.WithCancel(t.Context())
	cancelNow()
	if err := p.Collect(cancelled, scopes[0], want, &sink{}); err == nil {
		t.Error("Collect returned nil although its context was cancelled before")
	}
}

func sameInventory(t *testing.T, want, got *sink) {
	t.Helper()
	for _, g := range got.gaps {
		t.Errorf("a gap: %+v", g)
	}
	w, g := want.sorted(), got.sorted()
	if len(w) != len(g) {
		t.Errorf("got %d resources, want %d", len(g), len(w))
		return
	}
	for i := range w {
		if !reflect.DeepEqual(w[i], g[i]) {
			t.Errorf("got\n%+v\nwant\n%+v", g[i], w[i])
		}
	}
}

// contradictions says where the resource got, read with something denied, says
// something else than the one read with full access. To be unknown is no contradiction.
func contradictions(full, got providers.Resource) []string {
	var out []string
	unknown := func(name string) bool {
		for p := range got.Unknown {
			if p == name || strings.HasPrefix(p, name+".") {
				return true
			}
		}
		return false
	}
	for name, want := range full.Attributes {
		v, ok := got.Attributes[name]
		switch {
		case unknown(name):
		case !ok:
			out = append(out, fmt.Sprintf("%s is neither there nor unknown", name))
		case !reflect.DeepEqual(want, v):
			out = append(out, fmt.Sprintf("%s is %v instead of %v", name, v, want))
		}
	}
	if !unknown("tags") && !maps.Equal(full.Tags, got.Tags) {
		out = append(out, fmt.Sprintf("tags are %v instead of %v", got.Tags, full.Tags))
	}
	return out
}
