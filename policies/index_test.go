package policies_test

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/policies"
)

var update = flag.Bool("update", false, "rewrite index.json")

func TestTheIndexSaysWhatThePoliciesSay(t *testing.T) {
	want, err := engine.Index(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(engine.IndexFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := policies.Files.ReadFile(engine.IndexFile)
	if err != nil {
		t.Fatalf("%v: make generate writes it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is out of date: make generate writes it", engine.IndexFile)
	}
}

func TestEveryShippedPolicyHoldsItsOwnTests(t *testing.T) {
	e, err := engine.Load(engine.Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	rep, err := e.Test(t.Context(), nil, engine.Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rep.Results {
		if !r.Pass {
			t.Errorf("%s:%d: %s\n%s", r.File, r.Line, r.Name, r.Message)
		}
	}
	for _, f := range rep.Untested {
		t.Errorf("%s has no tests", f)
	}
	if rep.Coverage < 95 {
		t.Errorf("the tests evaluate %.1f %% of the expressions, want 95; not fully covered: %v", rep.Coverage, rep.Uncovered)
	}
}
