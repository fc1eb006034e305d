package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
)

func TestTheFootprintOfAPolicy(t *testing.T) {
	for _, tc := range []struct {
		name  string
		rules string
		want  []string // a trailing ! is a use as a whole
	}{
		{
			"a name is followed to where it is used", `deny contains 1 if { some rule in input.r.rules; rule.port == 22; f(rule.cidrs) }
				f(c) if "0.0.0.0/0" in c`,
			[]string{"r.rules.*", "r.rules.*.cidrs!", "r.rules.*.port!"},
		},
		{
			"a name of a name is followed too", `deny contains 1 if { some rule in input.r.rules; p := rule.ports; p.from < 5 }`,
			[]string{"r.rules.*", "r.rules.*.ports", "r.rules.*.ports.from!"},
		},
		{
			"a name that is handed over is used as a whole", `deny contains 1 if { some rule in input.r.rules; count(rule) > 1 }`,
			[]string{"r.rules.*!"},
		},
		{
			"a name that is compared is used as a whole", `deny contains 1 if { some a in input.r.rules; some b in input.r.others; a == b }`,
			[]string{"r.others.*!", "r.rules.*!"},
		},
		{"a list that is counted is used as a whole", `deny contains 1 if count(input.r.rules) == 0`, []string{"r.rules!"}},
		{
			"comprehensions and quantifiers are looked into", `deny contains 1 if { x := [c | some rule in input.r.rules; c := rule.port]; every r in input.r.others { r.a == 1 }; count(x) > 0 }`,
			[]string{"r.others!", "r.rules.*", "r.rules.*.port!"},
		},
		{
			"helper rules and other branches count", `deny contains 1 if not ok
				ok := true if input.r.a else := input.r.b if input.r.c`,
			[]string{"r.a!", "r.b!", "r.c!"},
		},
		{"what an index is made of counts", `deny contains 1 if input.r.tags[input.r.keys[0]]`, []string{"r.keys.0!", "r.tags.*!"}},
		{"a negated name is a comparison", `deny contains 1 if { x := input.r.a; not x }`, []string{"r.a!"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, err := ast.ParseModule("p.rego", "package metsuke.p\n"+tc.rules)
			if err != nil {
				t.Fatal(err)
			}
			c := newCompiler()
			if c.Compile(map[string]*ast.Module{"p.rego": m}); c.Failed() {
				t.Fatal(c.Errors)
			}
			set := map[string]bool{}
			for _, s := range footprintOf(c, m) {
				text := strings.Join(s.path, ".")
				if s.deep {
					text += "!"
				}
				set[text] = true
			}
			var got []string
			for text := range set {
				if !set[text+"!"] { // else it is said already
					got = append(got, text)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsUnknownBesideTheFootprintDoesNotMatter(t *testing.T) {
	f := footprint{{path: []string{"r", "rules", "*"}}, {path: []string{"r", "rules", "*", "port"}, deep: true}}
	for path, want := range map[string]bool{
		"r": true, "r.rules": true, "r.rules.0": true, "r.rules.0.port": true, "r.rules.0.port.from": true,
		"r.rules.0.peer": false, "r.others": false, "x": false,
	} {
		if got := f.meets(strings.Split(path, ".")); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}
