package engine

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

const thingSchema = `{
  "title": "Thing", "description": "A thing.", "type": "object", "taggable": true,
  "properties": {
    "encrypted": {"type": ["boolean", "null"]},
    "retention": {"type": ["integer", "null"]},
    "kms_key": {"type": ["string", "null"]},
    "versioning": {"type": ["object", "null"], "properties": {"enabled": {"type": "boolean"}, "mfa": {"type": ["string", "null"]}}},
    "settings": {"type": "object", "additionalProperties": {"type": "string"}},
    "rules": {"type": "array", "items": {"type": "object", "properties": {
      "port": {"type": ["integer", "null"]},
      "cidrs": {"type": ["array", "null"], "items": {"type": "string"}},
      "peer": {"type": ["string", "null"]}
    }}}
  }
}`

const otherSchema = `{"title": "Other", "description": "Another.", "type": "object", "properties": {
  "public": {"type": ["boolean", "null"]}, "thing": {"type": ["string", "null"]}}}`

// policy wraps rules into a whole policy file.
func policy(name, custom, rules string) string {
	return fmt.Sprintf(`# METADATA
# title: "%[1]s"
# scope: package
# custom:
#   severity: high
#   category: security
#   types: [test_thing]
%[2]spackage metsuke.test.%[1]s

%[3]s
`, name, custom, rules)
}

func library(t testing.TB, files map[string]string) *Engine {
	t.Helper()
	fsys := fstest.MapFS{
		"schemas/test_thing.json": {Data: []byte(thingSchema)},
		"schemas/test_other.json": {Data: []byte(otherSchema)},
	}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	e, err := Load(Source{FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var now = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

func session(t testing.TB, e *Engine) *Session {
	t.Helper()
	s, err := e.NewSession(Config{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func thing(attrs map[string]any) providers.Resource {
	all := map[string]any{"encrypted": true, "retention": int64(7), "kms_key": "k", "versioning": nil, "settings": map[string]any{}, "rules": []any{}}
	maps.Copy(all, attrs)
	return providers.Resource{Scope: providers.Scope{Provider: "test", ID: "1"}, Type: "test_thing", ID: "thing", Tags: map[string]string{}, Attributes: all}
}

func judge(t testing.TB, s *Session, r providers.Resource, rel *Related) map[string]Result {
	t.Helper()
	rs, err := s.Evaluate(t.Context(), r, rel)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Result{}
	for _, res := range rs {
		out[strings.TrimPrefix(res.Policy.ID, "test-")] = res
	}
	return out
}

const openRule = `deny contains {"message": sprintf("rule %d opens port 22 to the world", [i]), "path": sprintf("rules.%d", [i])} if {
	some i, rule in input.resource.attributes.rules
	some cidr in rule.cidrs
	cidr == "0.0.0.0/0"
	rule.port == 22
}`

func TestAPolicyFailsPassesOrDoesNotApply(t *testing.T) {
	s := session(t, library(t, map[string]string{
		"open.rego": policy("open", "", openRule),
		"kept.rego": policy("kept", "#   params: {min_days: {type: number, default: 7, description: days}}\n",
			`applicable if input.resource.attributes.encrypted
deny contains {"message": sprintf("kept %d days", [input.resource.attributes.retention]), "path": "retention", "severity": "low", "key": "days", "defects": {"days", "a"}, "monthly_cost_usd": 2.5} if {
	input.resource.attributes.retention < input.params.min_days
}`),
	}))
	got := judge(t, s, thing(map[string]any{
		"retention": int64(3),
		"rules":     []any{map[string]any{"port": int64(22), "cidrs": []any{"0.0.0.0/0"}, "peer": nil}},
	}), nil)
	want := map[string]Result{
		"open": {Verdict: finding.Fail, Denies: []Deny{{Message: "rule 0 opens port 22 to the world", Path: "rules.0"}}},
		"kept": {Verdict: finding.Fail, Denies: []Deny{{Message: "kept 3 days", Path: "retention", Key: "days", Defects: []string{"a", "days"}, Severity: finding.Low, MonthlyCost: 2.5}}},
	}
	ignore := cmpopts.IgnoreFields(Result{}, "Policy")
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = judge(t, s, thing(map[string]any{"encrypted": false}), nil)
	want = map[string]Result{"open": {Verdict: finding.Pass}, "kept": {Verdict: finding.NotApplicable}}
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsUnknownDecidesOnlyWhereItMatters(t *testing.T) {
	s := session(t, library(t, map[string]string{
		"open.rego": policy("open", "", openRule),
		"together.rego": policy("together", "", `deny contains {"message": "together", "path": "rules"} if {
	cidrs := [c | some i; input.resource.attributes.rules[i].port == 22; some c in input.resource.attributes.rules[i].cidrs]
	"0.0.0.0/0" in net.cidr_merge(cidrs)
}`),
		"many.rego": policy("many", "", `deny contains {"message": "many", "path": "rules"} if {
	some rule in input.resource.attributes.rules
	cidrs := [c | some c in rule.cidrs]
	count(cidrs) > 1
	rule.port == 22
}`),
		"none.rego": policy("none", "", `deny contains {"message": "no rules", "path": "rules"} if count(input.resource.attributes.rules) == 0`),
		"mfa.rego": policy("mfa", "", `deny contains {"message": "no MFA", "path": "versioning"} if {
	v := input.resource.attributes.versioning
	v.enabled
	v.mfa == null
}`),
	}))
	rule := func(port any, cidrs any) map[string]any {
		return map[string]any{"port": port, "cidrs": cidrs, "peer": nil}
	}
	for _, tc := range []struct {
		name    string
		attrs   map[string]any
		unknown map[string]providers.Reason
		want    map[string]finding.Verdict
	}{
		{
			"an unknown part that no policy reads changes nothing",
			map[string]any{"rules": []any{rule(int64(22), []any{"10.0.0.0/8"})}},
			map[string]providers.Reason{"rules.0.peer": providers.Deferred},
			map[string]finding.Verdict{"open": finding.Pass, "none": finding.Unknown, "mfa": finding.Pass, "many": finding.Pass, "together": finding.Pass},
		},
		{
			"an unknown address on another port passes",
			map[string]any{"rules": []any{rule(int64(443), nil)}},
			map[string]providers.Reason{"rules.0.cidrs": providers.Deferred},
			map[string]finding.Verdict{"open": finding.Pass, "none": finding.Unknown, "mfa": finding.Pass, "many": finding.Pass, "together": finding.Pass},
		},
		{
			"an unknown address on the port is unknown",
			map[string]any{"rules": []any{rule(int64(22), nil)}},
			map[string]providers.Reason{"rules.0.cidrs": providers.Deferred},
			map[string]finding.Verdict{"open": finding.Unknown, "none": finding.Unknown, "mfa": finding.Pass, "many": finding.Unknown, "together": finding.Unknown},
		},
		{
			"a known open rule fails whatever another rule is",
			map[string]any{"rules": []any{rule(int64(22), nil), rule(int64(22), []any{"0.0.0.0/0"})}},
			map[string]providers.Reason{"rules.0.cidrs": providers.Deferred},
			map[string]finding.Verdict{"open": finding.Fail, "none": finding.Unknown, "mfa": finding.Pass, "many": finding.Unknown, "together": finding.Unknown},
		},
		{
			"a whole unknown list is unknown",
			map[string]any{"rules": nil},
			map[string]providers.Reason{"rules": providers.Denied},
			map[string]finding.Verdict{"open": finding.Unknown, "none": finding.Unknown, "mfa": finding.Pass, "many": finding.Unknown, "together": finding.Unknown},
		},
		{
			"an unknown part of an object that does not decide passes",
			map[string]any{"versioning": map[string]any{"enabled": false, "mfa": nil}},
			map[string]providers.Reason{"versioning.mfa": providers.Deferred},
			map[string]finding.Verdict{"open": finding.Pass, "none": finding.Fail, "mfa": finding.Pass, "many": finding.Pass, "together": finding.Pass},
		},
		{
			"an unknown part of an object that decides is unknown",
			map[string]any{"versioning": map[string]any{"enabled": true, "mfa": nil}},
			map[string]providers.Reason{"versioning.mfa": providers.Deferred},
			map[string]finding.Verdict{"open": finding.Pass, "none": finding.Fail, "mfa": finding.Unknown, "many": finding.Pass, "together": finding.Pass},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := thing(tc.attrs)
			r.Unknown = tc.unknown
			got := map[string]finding.Verdict{}
			for id, res := range judge(t, s, r, nil) {
				got[id] = res.Verdict
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// idioms are policies in every way in which people write them.
func idioms() map[string]string {
	uses := "#   uses: {test_other: [public, thing]}\n"
	files := map[string]string{
		"lib/lib.rego": "package metsuke.lib.t\n\nweak(x) if x == null\n\nbad(x) if x == \"bad\"\n\non(x) if x.enabled == true\n\nweak(x) if x < 5\n\nhas(list, e) if e in list\n\nworld(c) := true if c == \"0.0.0.0/0\" else := false\n\n" +
			"safe(port, _) if port == 443\n\nsafe(port, peer) if {\n\tport == 22\n\tpeer == \"p\"\n}\n\n" +
			"level(x) := \"low\" if x < 5 else := \"high\" if x > 5\n\nkind(x) := \"a\" if x < 5 else := \"b\" if x < 100\n\ndefault rank(_) := 0\n\nrank(x) := 1 if x == 22\n",
	}
	for name, p := range map[string][2]string{
		"open":     {"", openRule},
		"negated":  {"", `deny contains {"message": "plain", "path": "encrypted"} if not input.resource.attributes.encrypted`},
		"null":     {"", `deny contains {"message": "no key", "path": "kms_key"} if input.resource.attributes.kms_key == null`},
		"every":    {"", `deny contains {"message": "all closed", "path": "rules"} if { every r in input.resource.attributes.rules { r.port != 22 } }`},
		"compr":    {"", `deny contains {"message": "two", "path": "rules"} if { ps := {r.port | some r in input.resource.attributes.rules}; count(ps) > 1 }`},
		"missing":  {"", `deny contains {"message": sprintf("lacks %s", [k]), "path": "tags"} if { some k in ["a", "b"]; not input.resource.tags[k] }`},
		"allmiss":  {"", `deny contains {"message": "lacks", "path": "tags"} if { m := {k | some k in ["a", "b"]; not input.resource.tags[k]}; count(m) == 2 }`},
		"func":     {"", "import data.metsuke.lib.t\n" + `deny contains {"message": "weak", "path": "retention"} if t.weak(input.resource.attributes.retention)`},
		"else":     {"", "import data.metsuke.lib.t\n" + `deny contains {"message": "world", "path": "rules"} if { some r in input.resource.attributes.rules; some c in r.cidrs; t.world(c) }`},
		"local":    {"", `deny contains {"message": "mfa", "path": "versioning"} if { v := input.resource.attributes.versioning; v != null; v.mfa == null }`},
		"helper":   {"", "on if input.resource.attributes.versioning.enabled\n" + `deny contains {"message": "off", "path": "versioning"} if not on`},
		"applies":  {"", "applicable if input.resource.attributes.encrypted\n" + `deny contains {"message": "short", "path": "retention"} if input.resource.attributes.retention < 7`},
		"default":  {"", "default applicable := true\napplicable := false if input.resource.attributes.encrypted == false\n" + `deny contains {"message": "key", "path": "kms_key"} if input.resource.attributes.kms_key == "bad"`},
		"together": {"", `deny contains {"message": "together", "path": "rules"} if { cs := [c | some i; input.resource.attributes.rules[i].port == 22; some c in input.resource.attributes.rules[i].cidrs]; "0.0.0.0/0" in cs }`},
		"many":     {"", `deny contains {"message": "many", "path": "rules"} if { some r in input.resource.attributes.rules; cs := [c | some c in r.cidrs]; count(cs) > 1; r.port == 22 }`},
		"exists":   {"", `deny contains found(i) if { some i, _ in input.resource.attributes.rules; input.resource.attributes.rules[i].cidrs[_] }` + "\n" + `found(i) := {"message": sprintf("rule %d", [i]), "path": "rules", "key": sprintf("%d", [i])}`},
		"nullarg":  {"", "import data.metsuke.lib.t\n" + `deny contains {"message": "not bad", "path": "rules"} if { k := input.resource.attributes.kms_key; count([r | some r in input.resource.attributes.rules; not t.bad(k)]) > 0 }`},
		"nullobj":  {"", "import data.metsuke.lib.t\n" + `deny contains {"message": "not on", "path": "rules"} if { ps := {r.port | some r in input.resource.attributes.rules; not t.on(input.resource.attributes.versioning)}; count(ps) > 0 }`},
		"settings": {"", `deny contains {"message": "debug", "path": "settings"} if input.resource.attributes.settings.debug == "on"`},
		"walkset":  {"", `deny contains {"message": k, "path": "settings", "key": k} if { some k, v in input.resource.attributes.settings; v == "on" }`},
		"joined":   {uses, `deny contains {"message": "public other", "path": "x"} if { some o in input.related.test_other; o.attributes.thing == input.resource.id; o.attributes.public }`},
		"unjoined": {uses, `deny contains {"message": "no other", "path": "x"} if { count([o | some o in input.related.test_other; o.attributes.thing == input.resource.id]) == 0 }`},
		"either":   {"", `deny contains {"message": "a", "path": "a"} if { input.resource.attributes.retention == 1; input.resource.attributes.encrypted }` + "\n" + `deny contains {"message": "b", "path": "b"} if { input.resource.attributes.retention == 1; not input.resource.attributes.encrypted }`},
		"keys":     {"", `deny contains {"message": sprintf("lacks %s", [k]), "path": "tags"} if { some k in ["a", "b"]; not k in input.resource.tag_keys }`},
		"keyvalue": {"", `deny contains {"message": sprintf("%s is bad", [k]), "path": "tags", "key": k} if { some k in input.resource.tag_keys; v := input.resource.tags[k]; not good(v) }` + "\n" + `good(v) if v == "1"` + "\n" + `good(v) if { v != "bad"; count(v) == 2 }`},
		"tagvalue": {"", `deny contains {"message": sprintf("%s is bad", [k]), "path": "tags", "key": k} if { some k, v in input.resource.tags; v == "bad" }`},
		"counted":  {"", `deny contains {"message": "one tag", "path": "tags"} if count(input.resource.tag_keys) == 1`},
		"bodies":   {"", "safe if input.resource.attributes.encrypted == true\nsafe if { input.resource.attributes.retention == 7; input.resource.attributes.kms_key == \"k\" }\n" + `deny contains {"message": "unsafe", "path": "encrypted"} if not safe`},
		"twice":    {"", "safe if not weak\nsafe if input.resource.tags.a == \"1\"\nweak if input.resource.attributes.encrypted == false\nweak if input.resource.attributes.retention < 5\n" + `deny contains {"message": "unsafe", "path": "encrypted"} if not safe`},
		"graded":   {"", "default grade := \"high\"\ngrade := \"low\" if input.resource.tags.a == \"1\"\n" + `deny contains {"message": "off", "path": "encrypted", "severity": grade} if input.resource.attributes.encrypted == false`},
		"levels":   {"", "grade(r) := \"critical\" if r.peer == \"p\"\nelse := \"low\" if r.cidrs == []\nelse := \"medium\"\n" + `deny contains {"message": "22", "path": "rules", "key": sprintf("%d", [i]), "severity": grade(r)} if { some i, r in input.resource.attributes.rules; r.port == 22 }`},
		"gradeds":  {"", "grade := {\"severity\": \"critical\"} if { some r in input.resource.attributes.rules; r.peer == \"p\" }\nelse := {\"severity\": \"low\"} if input.resource.attributes.rules == []\nelse := {}\n" + `deny contains found("off") if input.resource.attributes.encrypted == false` + "\n" + `found(m) := object.union(grade, {"message": m, "path": "encrypted"})`},
		"gradedif": {"", "grade := \"critical\" if input.resource.attributes.kms_key == \"k\"\nelse := \"low\"\n" + `deny contains {"message": "off", "path": "encrypted", "severity": grade} if { input.resource.attributes.encrypted == false; grade == "low" }`},
		"parts":    {"", `deny contains {"message": "22", "path": "rules", "key": sprintf("%d", [i]), "defects": [c | some c in r.cidrs]} if { some i, r in input.resource.attributes.rules; r.port == 22 }`},
		"partset":  {"", "peers contains r.peer if { some r in input.resource.attributes.rules; r.peer != null }\n" + `deny contains {"message": "off", "path": "encrypted", "defects": peers} if input.resource.attributes.encrypted == false`},
		"chosen":   {"", "pick := 1 if input.resource.attributes.encrypted\nelse := 2 if input.resource.attributes.retention == 7\nelse := 3\n" + `deny contains {"message": "two", "path": "retention"} if pick == 2`},
		"flag":     {"", "flag := false if input.resource.attributes.encrypted == false\nflag := true if { input.resource.attributes.encrypted == null; input.resource.attributes.retention == 7 }\n" + `deny contains {"message": "no flag", "path": "encrypted"} if { input.resource.attributes.encrypted != true; not flag }`},
		"unsafe":   {"", "import data.metsuke.lib.t\n" + `deny contains {"message": sprintf("rule %d", [i]), "path": "rules"} if { some i, r in input.resource.attributes.rules; not t.safe(r.port, r.peer) }`},
		"computed": {"", "import data.metsuke.lib.t\n" + `deny contains {"message": m, "path": "rules"} if { some i, r in input.resource.attributes.rules; port := to_number(r.port) + 0; not t.safe(port, r.peer); m := sprintf("rule %d port %d", [i, port]) }`},
		"levelled": {"", "import data.metsuke.lib.t\n" + `deny contains {"message": "low", "path": "retention"} if { l := t.level(input.resource.attributes.retention); l != "high"; input.resource.attributes.encrypted }`},
		"kinds":    {"", "import data.metsuke.lib.t\n" + `deny contains {"message": "b", "path": "retention"} if { some r in input.resource.attributes.rules; r.port != null; t.kind(input.resource.attributes.retention) == "b"; r.peer == "p" }`},
		"ranked":   {"", "import data.metsuke.lib.t\n" + `deny contains {"message": "ranked", "path": "rules"} if { some r in input.resource.attributes.rules; t.rank(r.port) == 0; r.cidrs != [] }`},
		"noset":    {"", "bad contains i if { some i, r in input.resource.attributes.rules; r.port == 22; not r.peer == \"p\" }\n" + `deny contains {"message": "none bad", "path": "rules"} if { count(bad) == 0; count(input.resource.attributes.rules) > 0 }`},
		"inset":    {"", "bad contains r.port if { some r in input.resource.attributes.rules; r.peer == \"p\" }\n" + `deny contains {"message": "22", "path": "rules"} if not 22 in bad`},
		"object":   {"", "by[r.port] := r.peer if { some r in input.resource.attributes.rules; r.port == 22; r.peer == \"p\" }\n" + `deny contains {"message": "p", "path": "rules"} if by[22] == "p"`},
		"everyhlp": {"", "fine(r) if r.port == 443\nfine(r) if r.cidrs == []\n" + `deny contains {"message": "fine", "path": "rules"} if { every r in input.resource.attributes.rules { fine(r) } }`},
		"mixed":    {"", "ok if { some r in input.resource.attributes.rules; r.port == 443; not hidden(r) }\nok if input.resource.attributes.kms_key == \"bad\"\nhidden(r) if r.peer == null\nhidden(r) if r.cidrs != [\"10.0.0.0/8\", \"0.0.0.0/0\"]\n" + `deny contains {"message": "not ok", "path": "rules"} if not ok`},
		"fenced":   {"", `deny contains {"message": sprintf("rule %d", [i]), "path": "rules"} if { some i, r in input.resource.attributes.rules; r.port == 22; not fenced(r) }` + "\n" + `fenced(r) if { some o in input.resource.attributes.rules; o.port == 443; is_array(r.cidrs); every c in r.cidrs { some d in o.cidrs; c == d } }`},
		"notapp":   {"", "applicable if not exempt\nexempt if input.resource.tags.a == \"bad\"\nexempt if { some k in input.resource.tag_keys; k == \"b\"; input.resource.attributes.retention == 1 }\n" + `deny contains {"message": "off", "path": "encrypted"} if not input.resource.attributes.encrypted`},
	} {
		files[name+".rego"] = policy(name, p[0], p[1])
	}
	return files
}

func TestDenyingAnythingNeverFlipsAVerdict(t *testing.T) {
	s := session(t, library(t, idioms()))
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(vs ...any) any { return vs[rnd.IntN(len(vs))] }
	counts := map[string]int{}
	for range 1500 {
		var rules []any
		for range rnd.IntN(3) {
			rules = append(rules, map[string]any{
				"port": pick(int64(22), int64(443), nil), "cidrs": pick([]any{"0.0.0.0/0"}, []any{"10.0.0.0/8", "0.0.0.0/0"}, []any{}, nil), "peer": pick("p", nil),
			})
		}
		if rules == nil {
			rules = []any{}
		}
		r := thing(map[string]any{
			"encrypted": pick(true, false, nil), "retention": pick(int64(1), int64(7), nil), "kms_key": pick("k", "bad", nil),
			"versioning": pick(nil, map[string]any{"enabled": true, "mfa": nil}, map[string]any{"enabled": false, "mfa": "on"}),
			"settings":   pick(map[string]any{}, map[string]any{"debug": "on"}, map[string]any{"debug": "off", "x": "on"}), "rules": rules,
		})
		for _, k := range []string{"a", "b"} {
			if rnd.IntN(2) == 0 {
				r.Tags[k] = pick("1", "bad").(string)
			}
		}
		rel := NewRelated()
		var others []providers.Resource
		for i := range rnd.IntN(3) {
			o := providers.Resource{Type: "test_other", ID: fmt.Sprint("o", i), Attributes: map[string]any{"public": pick(true, false, nil), "thing": pick("thing", "else", nil)}}
			others = append(others, o)
			rel.Add(o)
		}
		full := judge(t, s, r, rel)

		blinded := r
		blinded.Attributes = clone(r.Attributes).(map[string]any)
		blinded.Tags = maps.Clone(r.Tags)
		blinded.Unknown = map[string]providers.Reason{}
		for range 1 + rnd.IntN(3) {
			hide(rnd, &blinded)
		}
		brel := NewRelated()
		for _, o := range others {
			if rnd.IntN(4) == 0 {
				o.Attributes = map[string]any{"public": nil, "thing": o.Attributes["thing"]}
				o.Unknown = map[string]providers.Reason{"public": providers.Denied}
			}
			brel.Add(o)
		}
		if rnd.IntN(4) == 0 {
			brel = NewRelated() // nothing was listed
			brel.Miss("test_other", providers.Denied)
		}
		got := judge(t, s, blinded, brel)
		for id, f := range full {
			g := got[id]
			counts[id+" "+string(g.Verdict)]++
			if g.Verdict != f.Verdict && g.Verdict != finding.Unknown {
				t.Fatalf("%s says %s, with everything known it says %s\nresource %v\nunknown %v", id, g.Verdict, f.Verdict, r.Attributes, blinded.Unknown)
			}
			for _, d := range g.Denies {
				same := d.equal
				if d.AtLeast != "" { // at least as bad, and how bad is not known
					same = func(o Deny) bool {
						graded := func(s finding.Severity) finding.Severity {
							if s == "" {
								return finding.High // the policy's own
							}
							return s
						}
						return o.Key == d.Key && o.Path == d.Path && graded(o.Severity).Rank() <= graded(d.Severity).Rank()
					}
				}
				if !slices.ContainsFunc(f.Denies, same) {
					t.Fatalf("%s says %q, with everything known it does not\nresource %v\nunknown %v", id, d.Message, r.Attributes, blinded.Unknown)
				}
			}
		}
	}
	for id := range idioms() {
		id, isPolicy := strings.CutSuffix(id, ".rego")
		if !isPolicy || strings.HasPrefix(id, "lib/") {
			continue
		}
		if counts[id+" unknown"] == 0 || counts[id+" fail"] == 0 || counts[id+" pass"] == 0 {
			t.Errorf("%s was not tried in all three values: %v unknown, %v fail, %v pass", id, counts[id+" unknown"], counts[id+" fail"], counts[id+" pass"])
		}
	}
}

func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = clone(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = clone(e)
		}
		return out
	}
	return v
}

// hide makes a random part of a resource unknown, as a provider would say it.
func hide(rnd *rand.Rand, r *providers.Resource) {
	if rnd.IntN(4) == 0 {
		if _, ok := r.Tags["a"]; ok && rnd.IntN(4) != 0 {
			if r.Tags["a"] = ""; rnd.IntN(2) == 0 {
				delete(r.Tags, "a") // either way its key is known
			}
			r.Unknown["tags.a"] = providers.Deferred
			return
		}
		r.Tags = map[string]string{}
		r.Unknown["tags"] = providers.Denied
		return
	}
	path := []string{}
	var at any = r.Attributes
	for {
		var keys []string
		switch v := at.(type) {
		case map[string]any:
			keys = slices.Sorted(maps.Keys(v))
		case []any:
			for i := range v {
				keys = append(keys, fmt.Sprint(i))
			}
		}
		if len(keys) == 0 || len(path) > 0 && rnd.IntN(3) == 0 {
			break
		}
		k := keys[rnd.IntN(len(keys))]
		path = append(path, k)
		switch v := at.(type) {
		case map[string]any:
			at = v[k]
		case []any:
			at = v[number(k)]
		}
	}
	r.Unknown[strings.Join(path, ".")] = providers.Deferred
	blank(r.Attributes, path)
}

func blank(v any, path []string) {
	switch v := v.(type) {
	case map[string]any:
		if len(path) == 1 {
			v[path[0]] = nil
			return
		}
		blank(v[path[0]], path[1:])
	case []any:
		i := number(path[0])
		if len(path) == 1 {
			v[i] = nil
			return
		}
		blank(v[i], path[1:])
	}
}

func number(step string) int {
	i, err := strconv.Atoi(step)
	if err != nil {
		panic(err)
	}
	return i
}
