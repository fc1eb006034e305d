package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/store"
)

func newRunsShow(p *process) *cobra.Command {
	var s setup
	var o outputs
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show a saved run again, in any format",
		Long: `Render a saved run in any format, with what changed since the run before and the
history of each finding as it was then. Nothing is read or judged again.`,
		Example: `  metsuke runs show latest
  metsuke runs show latest~1 --group-by owner
  metsuke runs show 20260701-020000 -o findings.csv -o summary.md --fail-on high`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return s.withStore(p, mustExist, func(ctx context.Context, st *store.Store, _ storePlace) error {
				info, err := st.Resolve(ctx, args[0])
				if err != nil {
					return err
				}
				run, err := st.Run(ctx, info.ID)
				if err != nil {
					return err
				}
				if run, err = withEarlier(ctx, st, info, run); err != nil {
					return err
				}
				if err := o.write(p, run); err != nil {
					return err
				}
				run.Interrupted = false // that was another process; what it left out are gaps
				return o.code(p, run)
			})(cmd, args)
		},
	}
	exits(cmd, "0  no finding at or above --fail-on (default none)", "1  findings at or above --fail-on", "2  there is no such run, or a usage error",
		"3  less was read than --require-coverage asks for, or --incomplete=fail and something is unknown")
	o.addReportFlags(cmd)
	o.addExitFlags(cmd, "none")
	s.addStoreFlags(cmd)
	s.completeRuns(p, cmd, 1)
	return cmd
}
