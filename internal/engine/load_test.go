package engine

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

const goodRule = `deny contains {"message": "m", "path": "encrypted"} if input.resource.attributes.encrypted == false`

func TestABadPolicyFailsTheLoad(t *testing.T) {
	good := policy("good", "", goodRule)
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  []string // all of them in the error
	}{
		{"a rule that does not parse", map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m"} if {`)}, []string{"p.rego:", "rego_parse_error"}},
		{"Rego v0", map[string]string{"p.rego": policy("p", "", `deny[msg] { msg := "x" }`)}, []string{"p.rego:", "rego_parse_error"}},
		{"a misspelt attribute", map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m", "path": "p"} if not input.resource.attributes.encryptedd`)}, []string{"p.rego:", "encryptedd"}},
		{"a misspelt member of an attribute", map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m", "path": "p"} if { v := input.resource.attributes.versioning; v.enabeld }`)}, []string{"p.rego:", "enabeld"}},
		{"an undeclared parameter", map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m", "path": "p"} if input.resource.attributes.retention < input.params.days`)}, []string{"p.rego:", "days"}},
		{"a join that is not declared", map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m", "path": "p"} if count(input.related.test_other) == 0`)}, []string{"p.rego:", "test_other"}},
		{"a joined attribute that is not declared", map[string]string{"p.rego": policy("p", "#   uses: {test_other: [thing]}\n", `deny contains {"message": "m", "path": "p"} if { some o in input.related.test_other; o.attributes.public }`)}, []string{"p.rego:", "public"}},
		{"reading the whole resource", map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m", "path": "p"} if { r := input.resource; walk(r, [_, v]); v == "x" }`)}, []string{"p.rego:", "reads the whole resource"}},
		{"reading every attribute", map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m", "path": "p"} if { some k; input.resource.attributes[k] == "x" }`)}, []string{"p.rego:", "reads every attribute"}},
		{"a clock", map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m", "path": "p"} if time.now_ns() > 0`)}, []string{"p.rego:", "time.now_ns"}},
		{"the network", map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m", "path": "p"} if http.send({"url": "http://x", "method": "get"}).status_code == 200`)}, []string{"p.rego:", "http.send"}},
		{"an unknown metadata key", map[string]string{"p.rego": policy("p", "#   sevrity: low\n", goodRule)}, []string{"p.rego:", `unknown field "sevrity"`}},
		{"an unknown severity", map[string]string{"p.rego": strings.Replace(good, "severity: high", "severity: severe", 1)}, []string{"p.rego:", `"severe"`, "critical"}},
		{"an unknown category", map[string]string{"p.rego": strings.Replace(good, "category: security", "category: safety", 1)}, []string{"p.rego:", `"safety"`}},
		{"no title", map[string]string{"p.rego": strings.Replace(good, `# title: "good"`+"\n", "", 1)}, []string{"p.rego:", "title missing"}},
		{"no types", map[string]string{"p.rego": strings.Replace(good, "#   types: [test_thing]\n", "", 1)}, []string{"p.rego:", "custom.types missing"}},
		{"no metadata", map[string]string{"p.rego": "package metsuke.test.p\n\n" + goodRule}, []string{"p.rego:", "METADATA"}},
		{"a type without a schema", map[string]string{"p.rego": strings.Replace(good, "test_thing", "test_thin", 1)}, []string{"p.rego:", "test_thin", "did you mean test_thing?"}},
		{"a duplicate id", map[string]string{"p.rego": good, "q.rego": good}, []string{"p.rego", "q.rego", "both have the id test-good"}},
		{"an alias that is an id", map[string]string{"p.rego": good, "q.rego": policy("other", "#   aliases: [test-good]\n", goodRule)}, []string{"both have the id test-good"}},
		{"a foreign package", map[string]string{"p.rego": strings.Replace(good, "package metsuke.test.good", "package main", 1)}, []string{"p.rego:", `package is "main"`}},
		{"deny that is no set", map[string]string{"p.rego": policy("p", "", `deny := {"message": "m"}`)}, []string{"p.rego:", "write deny as a set"}},
		{"no deny", map[string]string{"p.rego": policy("p", "", `dney contains {"message": "m"} if true`)}, []string{"p.rego:", "no deny rule"}},
		{"a library that reads input", map[string]string{"lib/l.rego": "package metsuke.lib.l\n\nf(x) if x == input.resource.id\n"}, []string{"lib/l.rego", "must not read input"}},
		{"a default that is not of the parameter's type", map[string]string{"p.rego": policy("p", "#   params: {days: {type: number, default: week}}\n", goodRule)}, []string{"p.rego:", "custom.params.days", "not a number"}},
		{"an import of a library that is not there", map[string]string{"p.rego": policy("p", "", "import data.metsuke.lib.nothing\n"+`deny contains {"message": "m", "path": "p"} if nothing.f(input.resource.id)`)}, []string{"p.rego:", "nothing"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fsys := fstest.MapFS{
				"schemas/test_thing.json": {Data: []byte(thingSchema)},
				"schemas/test_other.json": {Data: []byte(otherSchema)},
			}
			for name, text := range tc.files {
				fsys[name] = &fstest.MapFile{Data: []byte(text)}
			}
			_, err := Load(Source{FS: fsys})
			if err == nil {
				t.Fatal("it loads")
			}
			for _, w := range tc.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("the error lacks %q:\n%v", w, err)
				}
			}
		})
	}
}

func TestAnEvaluationThatFailsIsUnknownAndLeavesOtherPoliciesAlone(t *testing.T) {
	s := session(t, library(t, map[string]string{
		"date.rego": policy("date", "", `deny contains {"message": "old", "path": "kms_key"} if time.parse_rfc3339_ns(input.resource.attributes.kms_key) < 0`),
		"bad.rego":  policy("bad", "", `deny contains {"msg": "no message", "path": "encrypted"} if input.resource.attributes.encrypted`),
		"good.rego": policy("good", "", `deny contains {"message": "m", "path": "encrypted"} if input.resource.attributes.encrypted`),
	}))
	got := map[string]finding.Verdict{}
	for id, res := range judge(t, s, thing(map[string]any{"kms_key": "not a date"}), nil) {
		got[id] = res.Verdict
		if res.Verdict == finding.Unknown && res.Reason != providers.Failed {
			t.Errorf("%s: the reason is %s", id, res.Reason)
		}
	}
	want := map[string]finding.Verdict{"date": finding.Unknown, "bad": finding.Unknown, "good": finding.Fail}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnAttributeThatIsNeitherThereNorSaidToBeUnknownIsUnknown(t *testing.T) {
	s := session(t, library(t, map[string]string{"good.rego": policy("good", "", goodRule)}))
	r := thing(nil)
	delete(r.Attributes, "encrypted")
	if res := judge(t, s, r, nil)["good"]; res.Verdict != finding.Unknown || res.Path != "encrypted" {
		t.Errorf("got %s at %q", res.Verdict, res.Path)
	}
}

func TestParametersAreOverriddenByNameAndByPolicy(t *testing.T) {
	params := "#   params: {days: {type: number, default: 7}}\n"
	rule := `deny contains {"message": sprintf("%d", [input.params.days]), "path": "p"} if input.resource.attributes.retention < input.params.days`
	e := library(t, map[string]string{"a.rego": policy("a", params, rule), "b.rego": policy("b", params, rule)})
	s, err := e.NewSession(Config{Now: now, Params: map[string]any{"days": 10}, PolicyParams: map[string]map[string]any{"test-b": {"days": 20}}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for id, res := range judge(t, s, thing(nil), nil) {
		got[id] = res.Denies[0].Message
	}
	if diff := cmp.Diff(map[string]string{"a": "10", "b": "20"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, cfg := range map[string]Config{
		"no policy has a parameter dys: did you mean days?":         {Params: map[string]any{"dys": 1}},
		"policy test-a has no parameter day: did you mean days?":    {PolicyParams: map[string]map[string]any{"test-a": {"day": 1}}},
		"parameter days of test-a: soon (string) is not a number":   {Params: map[string]any{"days": "soon"}},
		"there is no policy test-c: did you mean test-a?":           {Policies: []string{"test-c"}},
		"parameters are given for test-bb, which is no policy: did": {PolicyParams: map[string]map[string]any{"test-bb": {}}},
	} {
		if _, err := e.NewSession(cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("the error is %v, want %s", err, name)
		}
	}
}

func TestWantsNameWhatThePoliciesReadAndNothingElse(t *testing.T) {
	s := session(t, library(t, map[string]string{
		"a.rego": policy("a", "#   uses: {test_other: [public]}\n", `deny contains {"message": "m", "path": "p"} if {
	input.resource.attributes.versioning.enabled
	some o in input.related.test_other
	o.attributes.public
}`),
		"b.rego": policy("b", "", `deny contains {"message": "m", "path": "p"} if not input.resource.tags.Owner`),
	}))
	got, err := s.Wants(s.Types())
	if err != nil {
		t.Fatal(err)
	}
	want := []providers.Want{
		{Type: "test_other", Attributes: []string{"public"}},
		{Type: "test_thing", Attributes: []string{"tags", "versioning"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheIndexGivesTheSamePoliciesAsReadingThem(t *testing.T) {
	fsys := fstest.MapFS{
		"schemas/test_thing.json": {Data: []byte(thingSchema)},
		"schemas/test_other.json": {Data: []byte(otherSchema)},
	}
	for name, text := range idioms() {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	read, err := Load(Source{FS: fsys, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	x, err := Index(fsys)
	if err != nil {
		t.Fatal(err)
	}
	fsys[IndexFile] = &fstest.MapFile{Data: x}
	indexed, err := Load(Source{FS: fsys, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range indexed.Policies() {
		if p.parsed != nil {
			t.Errorf("%s was parsed although there is an index", p.ID)
		}
		q := read.Policies()[i]
		if p.ID != q.ID || p.Text() != q.Text() || !cmp.Equal(p.Policy, q.Policy) || !cmp.Equal(p.Imports, q.Imports) || p.Applicable != q.Applicable {
			t.Errorf("%s differs from %s", p.ID, q.ID)
		}
	}
	fsys["null.rego"] = &fstest.MapFile{Data: append([]byte(nil), idioms()["null.rego"]+"\n# changed\n"...)}
	changed, err := Load(Source{FS: fsys, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := changed.Policy("test-null"); p.parsed == nil {
		t.Error("an index of other files was used")
	}
}

func TestAnUnknownAttributeThatIsCalledLikeAFieldOfEveryResourceIsUnknownAsBoth(t *testing.T) {
	named := strings.Replace(thingSchema, `"retention"`, `"name": {"type": ["string", "null"]}, "retention"`, 1)
	fsys := fstest.MapFS{"schemas/test_thing.json": {Data: []byte(named)}}
	for name, rule := range map[string]string{
		"attribute": `deny contains {"message": "m", "path": "name"} if input.resource.attributes.name == "default"`,
		"field":     `deny contains {"message": "m", "path": "name"} if input.resource.name == "default"`,
	} {
		fsys[name+".rego"] = &fstest.MapFile{Data: []byte(policy(name, "", rule))}
	}
	e, err := Load(Source{FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	r := thing(nil)
	r.Name, r.Unknown = "t", map[string]providers.Reason{"name": providers.Deferred}
	for id, res := range judge(t, session(t, e), r, nil) {
		if res.Verdict != finding.Unknown || res.Path != "name" || res.Reason != providers.Deferred {
			t.Errorf("%s: %s at %q (%s)", id, res.Verdict, res.Path, res.Reason)
		}
	}
}
