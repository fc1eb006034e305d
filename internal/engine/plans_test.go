package engine

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/policies"
)

func TestAPlanReadsAsItWasWritten(t *testing.T) {
	b, err := policies.Files.ReadFile(PlansFile)
	if err != nil {
		t.Fatal(err)
	}
	_, lines, _ := strings.Cut(string(b), "\n")
	plans := newPlans(lines)
	read := 0
	for line := range strings.Lines(string(b)) {
		rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "func ")
		if !ok {
			continue
		}
		var name string
		(&planText{in: rest}).text(&name)
		c := emptyCode(constants{}) // which leaves settings as they are
		c.plans = plans
		fn := c.declared(name)
		if err := c.make(fn); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out := &planText{out: &strings.Builder{}, fn: fn}
		out.text(&name)
		if out.function(); out.err != nil {
			t.Fatalf("%s: %v", name, out.err)
		}
		if diff := cmp.Diff(rest, out.out.String()); diff != "" {
			t.Errorf("%s (-read +written):\n%s", name, diff)
		}
		read++
	}
	if read < len(mustLoad(t).Policies()) {
		t.Errorf("%d functions were read, fewer than there are policies", read)
	}
}

func mustLoad(t *testing.T) *Engine {
	t.Helper()
	e, err := Load(Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestABrokenPlanIsAnErrorAndNotAnotherPlan(t *testing.T) {
	for _, line := range []string{
		``, `2 0 1`, `2 0 1 2 false 1 1`, `2 0 1 2 false 1 1 jump 3`, `2 0 1 2 false 1 1 dot "a`, `2 0 1 2 false 1 1 reset`, `2 0 1 2 false 1 1 reset x`, `2 0 1 2 false 1 0 }`,
		`99999999999 0`, `2 0 1 2 false 1 99999999999 reset 3`, `2 0 1 2 false 1 -1 reset 3`, `1 0 2 false 1 0`, `2 0 1 2 false 1 1 reset -1`, `2 0 1 2 false 1 1 reset 99999999`, `2 0 1 2 false 1 1 not -2 0`,
		`2 0 1 2 false 1 1 call f 0 1`, `2 0 1 2 false 1 1 call "other" 0 1`, `2 0 1 2 false 1 1 builtin "http.send" 0 1`, `2 0 1 2 false 1 1 load 2 "resource" "id" 3`,
		`2 0 1 2 false 1 1 assign nul 3`, `2 0 1 2 false 1 1 assign #x 3`,
	} {
		c := emptyCode(constants{})
		c.plans = newPlans("")
		fn := c.add("f")
		fn.line = line
		if c.make(fn) == nil {
			t.Errorf("%q was read", line)
		}
	}
}

func TestPlansOfOtherPoliciesAreNotUsed(t *testing.T) {
	fsys := fstest.MapFS{
		"schemas/test_thing.json": {Data: []byte(thingSchema)},
		"schemas/test_other.json": {Data: []byte(otherSchema)},
	}
	for name, text := range idioms() {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	x, err := Index(fsys)
	if err != nil {
		t.Fatal(err)
	}
	pl, err := Plans(t.Context(), fsys)
	if err != nil {
		t.Fatal(err)
	}
	fsys[IndexFile] = &fstest.MapFile{Data: x}
	with := func(plans string) *plans {
		fsys[PlansFile] = &fstest.MapFile{Data: []byte(plans)}
		e, err := Load(Source{FS: fsys, Builtin: true})
		if err != nil {
			t.Fatal(err)
		}
		return e.plans
	}
	if with(string(pl)).policy("test-null") == nil {
		t.Error("the plans are not used")
	}
	_, rest, _ := strings.Cut(string(pl), "\n")
	if with("metsuke-plans-1 0123\n"+rest).policy("test-null") != nil {
		t.Error("plans of other files are used")
	}
}
