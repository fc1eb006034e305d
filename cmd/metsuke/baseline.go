package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/govern"
)

func newBaseline(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Write down what is known to fail, so that only new findings count",
		Long: `A baseline is a list of findings that were there when metsuke was introduced. Given to
scan or gate with --baseline, it keeps them from deciding the exit code; they stay in
every report. With --update-baseline it shrinks as they are mended, and never grows.`,
		Example: `  metsuke scan -o report.json
  metsuke baseline write report.json
  metsuke scan --baseline baseline.json --fail-on high --update-baseline`,
		Args: subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	exits(cmd, "0  done", "2  usage error")
	cmd.AddCommand(newBaselineWrite(p))
	return cmd
}

func newBaselineWrite(p *process) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "write RUN",
		Short: "Write the findings of a saved run as a baseline",
		Long: `Write what fails in a run that was saved with --format json or -o json=FILE as a
baseline. RUN is a file, or "-" for standard input. Waived findings are left out: they
are excused only as long as their waiver holds. A baseline that is there is replaced.`,
		Example: `  metsuke baseline write report.json
  metsuke gate tfplan.json -f json | metsuke baseline write - -o known.json`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			run, err := readRun(p, args[0])
			if err != nil {
				return err
			}
			b := govern.NewBaseline(run)
			text, err := b.Text()
			if err != nil {
				return err
			}
			before := "new"
			if old, err := os.ReadFile(file); err == nil {
				known, err := govern.ParseBaseline(old, file)
				if err != nil {
					return fmt.Errorf("%w; it is not replaced", err)
				}
				before = fmt.Sprintf("it held %d", len(known.Known))
			}
			if err := replaceFile(file, text); err != nil {
				return err
			}
			p.say("wrote %s with %s (%s)", file, counted(len(b.Known), "finding"), before)
			return nil
		},
	}
	exits(cmd, "0  the baseline was written", "2  the run cannot be read, the file is no baseline or cannot be written, or a usage error")
	cmd.Flags().StringVarP(&file, "output", "o", "baseline.json", "`FILE` to write")
	return cmd
}
