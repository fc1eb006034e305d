package engine

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

// TestResult is the outcome of one Rego test or one case of a _cases.yaml file.
type TestResult struct {
	File     string        `json:"file"`
	Line     int           `json:"line"`
	Name     string        `json:"name"`
	Pass     bool          `json:"pass"`
	Message  string        `json:"message,omitempty"` // why it failed
	Duration time.Duration `json:"-"`
}

// TestReport is the outcome of a test run.
type TestReport struct {
	Results []TestResult `json:"results"` // sorted by file, line and name
	// Coverage is the share, 0 to 100, of the expressions of policies and libraries
	// that a Rego test or a case evaluated; Uncovered names the files below 100.
	Coverage  float64            `json:"coverage"`
	Uncovered map[string]float64 `json:"uncovered,omitempty"`
	// Untested are the policies of the sources without a single test.
	Untested []string `json:"untested,omitempty"`
}

// Test type-checks the engine's policies and runs the tests of the sources from
// which it was loaded: the test_ rules of every _test.rego file and the cases of
// every _cases.yaml file. Only tests of policies for which selected is true are run;
// nil selects all.
func (e *Engine) Test(ctx context.Context, selected func(*Policy) bool, sources ...Source) (TestReport, error) {
	var rep TestReport
	if err := e.Check(); err != nil {
		return rep, err
	}
	if selected == nil {
		selected = func(*Policy) bool { return true }
	}
	mods, names := map[string]*ast.Module{}, map[string]bool{}
	for _, p := range e.policies {
		m, err := p.module()
		if err != nil {
			return rep, err
		}
		mods[p.File] = m
		if selected(p) {
			names[strings.TrimSuffix(p.File, ".rego")] = true
		}
	}
	for _, lib := range e.libs {
		m, err := lib.module()
		if err != nil {
			return rep, err
		}
		mods[lib.File] = m
		names[strings.TrimSuffix(lib.File, ".rego")] = true
	}
	tested, counted := map[string]bool{}, map[string]bool{}
	cov := cover.New()
	for _, src := range sources {
		err := fs.WalkDir(src.FS, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name := path.Join(src.Name, p)
			switch {
			case strings.HasSuffix(p, "_test.rego") && names[strings.TrimSuffix(name, "_test.rego")]:
				tested[strings.TrimSuffix(name, "_test.rego")] = true
				b, err := fs.ReadFile(src.FS, p)
				if err != nil {
					return err
				}
				m, err := parse(name, string(b))
				if err != nil {
					return err
				}
				mods[name] = m
			case strings.HasSuffix(p, "_cases.yaml") && names[strings.TrimSuffix(name, "_cases.yaml")]:
				tested[strings.TrimSuffix(name, "_cases.yaml")] = true
				rs, err := e.runCases(ctx, src.FS, p, name, cov)
				if err != nil {
					return err
				}
				rep.Results = append(rep.Results, rs...)
			case strings.HasSuffix(p, ".rego") && names[strings.TrimSuffix(name, ".rego")]:
				counted[name] = true
			}
			return nil
		})
		if err != nil {
			return rep, err
		}
	}
	for name := range counted {
		if !tested[strings.TrimSuffix(name, ".rego")] {
			rep.Untested = append(rep.Untested, name)
		}
	}
	slices.Sort(rep.Untested)
	if err := runRego(ctx, mods, counted, cov, &rep); err != nil {
		return rep, err
	}
	slices.SortFunc(rep.Results, func(a, b TestResult) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Name, b.Name)
	})
	return rep, nil
}

// runRego runs the test rules of the modules and measures how much of the counted
// files they and the cases evaluate.
func runRego(ctx context.Context, mods map[string]*ast.Module, counted map[string]bool, cov *cover.Cover, rep *TestReport) error {
	ch, err := tester.NewRunner().SetCompiler(newCompiler().WithEnablePrintStatements(true)).SetStore(inmem.New()).
		RaiseBuiltinErrors(true).CapturePrintOutput(true).SetCoverageQueryTracer(cov).SetModules(mods).RunTests(ctx, nil)
	if err != nil {
		return err
	}
	for r := range ch {
		t := TestResult{File: r.Location.File, Line: r.Location.Row, Name: r.Name, Pass: r.Pass(), Duration: r.Duration}
		switch {
		case r.Error != nil:
			t.Message = r.Error.Error()
		case r.Fail && r.FailedAt != nil:
			t.Message = fmt.Sprintf("%s: %s is not so", r.FailedAt.Location, r.FailedAt)
		case r.Fail:
			t.Message = "it is not so"
		}
		if len(r.Output) > 0 {
			t.Message = strings.TrimSpace(t.Message + "\n" + string(r.Output))
		}
		rep.Results = append(rep.Results, t)
	}
	tested := map[string]*ast.Module{}
	for name, m := range mods {
		if counted[name] {
			tested[name] = m
		}
	}
	c := cov.Report(tested)
	covered, lines := 0, 0
	rep.Uncovered = map[string]float64{}
	for name, f := range c.Files {
		if tested[name] == nil {
			continue
		}
		covered += f.CoveredLines
		lines += f.CoveredLines + f.NotCoveredLines
		if f.NotCoveredLines > 0 {
			rep.Uncovered[name] = f.Coverage
		}
	}
	rep.Coverage = 100
	if lines > 0 {
		rep.Coverage = float64(covered) / float64(lines) * 100
	}
	return nil
}
