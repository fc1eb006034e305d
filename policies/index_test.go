package policies_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/policies"
)

var update = flag.Bool("update", false, "rewrite what is generated of the policies")

func TestTheIndexSaysWhatThePoliciesSay(t *testing.T) { generated(t, engine.IndexFile, engine.Index) }

func TestThePlansAreWhatThePoliciesAreCompiledTo(t *testing.T) {
	generated(t, engine.PlansFile, func(fsys fs.FS) ([]byte, error) { return engine.Plans(t.Context(), fsys) })
}

func generated(t *testing.T, file string, from func(fs.FS) ([]byte, error)) {
	t.Helper()
	want, err := from(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := policies.Files.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: make generate writes it", err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s is out of date: make generate writes it", file)
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

func TestTheTerraformThatMendsIsWrittenAsTerraformWritesIt(t *testing.T) {
	e, err := engine.Load(engine.Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range e.Policies() {
		if p.Terraform == "" {
			continue
		}
		if _, diags := hclsyntax.ParseConfig([]byte(p.Terraform), p.ID+".tf", hcl.InitialPos); diags.HasErrors() {
			t.Errorf("%s: %v", p.ID, diags)
			continue
		}
		if diff := cmp.Diff(string(hclwrite.Format([]byte(p.Terraform))), p.Terraform); diff != "" {
			t.Errorf("%s is not formatted (-want +got):\n%s", p.ID, diff)
		}
	}
}
