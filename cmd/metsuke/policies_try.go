package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/engine"
)

func newPoliciesTest(p *process) *cobra.Command {
	var verbose bool
	var minCoverage float64
	cmd := &cobra.Command{
		Use:   "test [DIR ...]",
		Short: "Run the tests of policies",
		Long: `Run the tests of the shipped policies, or of the policies in the directories: the
test_ rules of _test.rego files and the cases of _cases.yaml files.`,
		Example: `  metsuke policies test
  metsuke policies test ./policies --min-coverage 95`,
		RunE: func(cmd *cobra.Command, dirs []string) error {
			srcs, err := sources(dirs)
			if err != nil {
				return err
			}
			e, err := engine.Load(srcs...)
			if err != nil {
				return err
			}
			tested := srcs[1:]
			selected := func(pol *engine.Policy) bool { return !pol.Builtin }
			if len(dirs) == 0 {
				tested, selected = srcs[:1], nil
			}
			rep, err := e.Test(cmd.Context(), selected, tested...)
			if err != nil {
				return err
			}
			failed := 0
			for _, r := range rep.Results {
				if !r.Pass {
					failed++
					fmt.Fprintf(p.stdout, "FAIL %s:%d: %s\n  %s\n", r.File, r.Line, r.Name, r.Message)
				} else if verbose {
					fmt.Fprintf(p.stdout, "ok   %s: %s\n", r.File, r.Name)
				}
			}
			for _, f := range rep.Untested {
				fmt.Fprintf(p.stdout, "%s has no tests\n", f)
			}
			for _, f := range slices.Sorted(maps.Keys(rep.Uncovered)) {
				if verbose {
					fmt.Fprintf(p.stdout, "%s: %.1f %% covered\n", f, rep.Uncovered[f])
				}
			}
			fmt.Fprintf(p.stdout, "%d passed, %d failed, coverage %.1f %%\n", len(rep.Results)-failed, failed, rep.Coverage)
			if failed > 0 || rep.Coverage < minCoverage {
				return exitCode(exitFindings)
			}
			return nil
		},
	}
	exits(cmd, "0  every test passed", "1  a test failed, or coverage is below --min-coverage", "2  a policy does not load, or another error")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "name the tests that passed and the files not fully covered")
	cmd.Flags().Float64Var(&minCoverage, "min-coverage", 0, "smallest share of the policies' expressions, in `PERCENT`, that the tests must evaluate")
	return cmd
}
