package terraform

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/providers"
)

// FuzzOpen reads any text.
func FuzzOpen(f *testing.F) {
	for _, pattern := range []string{"testdata/*.json", "testdata/*/plan.json"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(b))
		}
	}
	f.Add(smallPlan)
	f.Add(fixture(f, s3Satellites()...))
	f.Add(fixture(f, moduleQueue()))
	f.Fuzz(func(t *testing.T, plan string) { holds(t, plan) })
}

// FuzzDamage reads plans in which values are exchanged, masked and moved, so that what
// is read stays JSON: bytes changed at random rarely are.
func FuzzDamage(f *testing.F) {
	plans := samples(f)
	for i := range plans {
		f.Add(uint8(i), []byte{})
		f.Add(uint8(i), []byte{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5})
	}
	f.Fuzz(func(t *testing.T, sample uint8, choices []byte) {
		holds(t, damage(t, plans[int(sample)%len(plans)], choices))
	})
}

// damage changes values of the plan as the choices say.
func damage(t *testing.T, plan string, choices []byte) string {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal([]byte(plan), &tree); err != nil {
		t.Fatal(err)
	}
	for c := (&chooser{choices}); len(c.left) > 0; {
		c.damage(tree)
	}
	b, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// chooser takes its decisions from a text, so that the fuzzer can steer them.
type chooser struct{ left []byte }

// among returns a number below n: 0 when there is nothing left to decide by.
func (c *chooser) among(n int) int {
	if len(c.left) == 0 || n == 0 {
		return 0
	}
	b := c.left[0]
	c.left = c.left[1:]
	return int(b) % n
}

// damage changes one value somewhere below v in place.
func (c *chooser) damage(v any) {
	for {
		var at any
		var set func(any)
		switch p := v.(type) {
		case map[string]any:
			if len(p) == 0 {
				return
			}
			key := slices.Sorted(maps.Keys(p))[c.among(len(p))]
			at, set = p[key], func(to any) { p[key] = to }
		case []any:
			if len(p) == 0 {
				return
			}
			i := c.among(len(p))
			at, set = p[i], func(to any) { p[i] = to }
		default:
			return
		}
		_, object := at.(map[string]any)
		_, array := at.([]any)
		if !object && !array || c.among(8) == 0 {
			to := strange()
			set(to[c.among(len(to))])
			return
		}
		v = at
	}
}

// holds opens a plan and checks what every reader may rely on: what is refused is
// refused with an *Error; of what is read, every wanted attribute is present or
// unknown, and nothing that is masked as sensitive comes out.
func holds(t *testing.T, plan string) {
	t.Helper()
	p, err := Open(strings.NewReader(plan), int64(len(plan)), Options{Name: "plan.json", Schemas: schemas(t)})
	holdsOf(t, plan, p, err)
}

// holdsOf is holds for a plan or a state that has been opened.
func holdsOf(t *testing.T, plan string, p *Provider, err error) {
	t.Helper()
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("not an *Error: %v", err)
		}
		return
	}
	out := collect(t, p)
	for _, r := range out.resources {
		for _, a := range everything(p, r.Type).Attributes {
			if _, ok := r.Attributes[a]; !ok && a != "tags" && r.Unknown[a] == "" {
				t.Errorf("%s: %s is neither there nor unknown", r.ID, a)
			}
		}
		if r.Tags == nil || r.ID == "" {
			t.Errorf("%s has tags %v", r.ID, r.Tags)
		}
	}
	said, err := json.Marshal(out.resources)
	if err != nil {
		t.Fatal(err)
	}
	said = append(said, strings.Join(p.Notes(), " ")...)
	for _, secret := range masked(plan) {
		if strings.Contains(string(said), secret) {
			t.Errorf("%q is sensitive and comes out", secret)
		}
	}
	_ = p.Summary()
	_ = p.Types()
	if got := collect(t, p, providers.Want{Type: "none"}).resources; len(got) > 0 {
		t.Errorf("asked for nothing, got %d resources", len(got))
	}
}

// masked returns the texts that the plan masks as sensitive and shows nowhere else.
func masked(plan string) []string {
	var doc struct {
		Changes []struct {
			Change struct {
				After     any `json:"after"`
				Sensitive any `json:"after_sensitive"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	if json.Unmarshal([]byte(plan), &doc) != nil {
		return nil
	}
	var out []string
	for _, c := range doc.Changes {
		hidden(c.Change.After, c.Change.Sensitive, func(s string) {
			if len(s) >= 6 && strings.Count(plan, s) == 1 {
				out = append(out, s)
			}
		})
	}
	return out
}

// hidden calls f for every text below v that the mask covers.
func hidden(v, mask any, f func(string)) {
	if mask == true {
		switch v := v.(type) {
		case string:
			f(v)
		case map[string]any:
			for _, e := range v {
				hidden(e, true, f)
			}
		case []any:
			for _, e := range v {
				hidden(e, true, f)
			}
		}
		return
	}
	switch v := v.(type) {
	case map[string]any:
		m, _ := mask.(map[string]any)
		for k, e := range v {
			hidden(e, m[k], f)
		}
	case []any:
		m, _ := mask.([]any)
		for i, e := range v {
			if i < len(m) {
				hidden(e, m[i], f)
			}
		}
	}
}
