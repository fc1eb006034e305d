package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/report"
)

func newReport(p *process) *cobra.Command {
	var o outputs
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Show a saved run again, in any format",
		Long: `Render a run that was saved with --format json or -o json=FILE, in any format.
Nothing is read or judged again. RUN is a file, or "-" for standard input.

With --comment the run of a gate becomes a comment on its change: a job that may
write comments can so do it for one that may not, such as that of a fork.`,
		Example: `  metsuke scan -o report.json
  metsuke report report.json --group-by owner
  metsuke report report.json -o findings.csv -o summary.md --fail-on high
  metsuke report gate.json --comment github --comment-on acme/shop#12`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			run, err := readRun(p, args[0])
			if err != nil {
				return err
			}
			if err := o.write(p, run); err != nil {
				return err
			}
			o.comment.post(cmd.Context(), p, &o, run)
			run.Interrupted = false // that was another process; what it left out are gaps
			return o.code(p, run)
		},
	}
	exits(cmd, "0  no finding at or above --fail-on (default none)", "1  findings at or above --fail-on", "2  the run cannot be read, or a usage error",
		"3  less was read than --require-coverage asks for, or --incomplete=fail and something is unknown")
	o.addReportFlags(cmd)
	o.comment.addFlags(cmd)
	o.addExitFlags(cmd, "none")
	return cmd
}

// readRun reads a run that was saved as JSON from a file, or from standard input.
func readRun(p *process, name string) (finding.Run, error) {
	in := p.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return finding.Run{}, fmt.Errorf("read the run: %w; `metsuke scan -o report.json` saves one", err)
		}
		defer func() { _ = f.Close() }()
		in = io.Reader(f)
	}
	run, err := report.ReadJSON(in)
	if err != nil {
		return finding.Run{}, fmt.Errorf("%s: %w; a run is saved with -o json=FILE", name, err)
	}
	return run, nil
}
