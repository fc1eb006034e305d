package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newScan(p *process) *cobra.Command {
	var s setup
	var o outputs
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "scan",
		Short: "Inventory the live accounts and judge them",
		Long: `Inventory everything that the credentials reach and judge it by the selected
policies. Without a configuration, the providers with ambient credentials are used:
the AWS default chain, Google application default credentials, GITHUB_TOKEN.
Only what the selected policies read is asked for.

Exit codes: 0 no finding at or above --fail-on; 1 findings at or above it; 2 a
usage, configuration or internal error, or nothing to scan; 3 coverage below
--require-coverage, or incomplete with --incomplete=fail; 130 interrupted: what was
read is judged and reported.`,
		Example: `  metsuke scan
  metsuke scan --provider aws --region eu-central-1 --category security
  metsuke scan --config metsuke.yaml -o report.json -o findings.csv --fail-on high
  metsuke scan --account '!sandbox-*' --framework cis-aws-5.0 --group-by account`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			if f := s.config.Scan.FailOn; f != "" && !cmd.Flags().Changed("fail-on") {
				o.failOn = f
			}
			if c := s.config.Scan.RequireCoverage; c > 0 && !cmd.Flags().Changed("require-coverage") {
				o.coverage = c
			}
			o.addConfigured(s.config.Outputs)
			if err := o.check(); err != nil {
				return err
			}
			session, now, err := s.session(p, e)
			if err != nil {
				return err
			}
			ps, statuses, err := openLive(cmd.Context(), p, s.config, s.sel)
			if err != nil {
				return err
			}
			if len(ps) == 0 {
				var why []string
				for _, st := range statuses {
					why = append(why, "  "+st.Name+": "+st.Detail)
				}
				return errors.New("there is nothing to scan\n" + strings.Join(why, "\n") +
					"\n`metsuke demo` shows a scan of a simulated estate; `metsuke init` writes a configuration to start from")
			}
			tell(p, statuses)
			in := s.input("scan", now, session, ps)
			in.Statuses = statuses
			ctx := cmd.Context()
			if timeout == 0 {
				timeout = time.Duration(s.config.Scan.Timeout)
			}
			if timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeoutCause(ctx, timeout, fmt.Errorf("the scan took longer than %s", timeout))
				defer cancel()
			}
			return judge(ctx, p, in, &o)
		},
	}
	s.addFlags(cmd)
	s.sel.addPolicyFlags(cmd)
	s.sel.addScopeFlags(cmd)
	o.addReportFlags(cmd)
	o.addExitFlags(cmd, "none")
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "end after this time and report what was read, marked as interrupted: 30m")
	return cmd
}
