package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newScan(p *process) *cobra.Command {
	var s setup
	var o outputs
	var timeout time.Duration
	var from, save string
	var notifies bool
	var code codeOptions
	cmd := &cobra.Command{
		Use:   "scan",
		Short: "Inventory the live accounts and judge them",
		Long: `Inventory everything that the credentials reach and judge it by the selected
policies. Only what these policies read is asked for.

With --from, a saved inventory is judged instead, without any credential and as of the
time at which it was taken. What it was taken without is unknown.

With --state, the report says what keeps each resource: Terraform, with the state and
the address, CloudFormation, Config Connector, or nothing. Of the states only what
identifies resources is read. While one of them cannot be read, nothing is called
unmanaged.

A scan of live accounts is saved, with what it read: the report then says what is new,
fixed or not visible any more since the scan before, and "metsuke runs" has them all.
One that was killed goes on with --resume, for a day and as of the same time, and reads
only the types, Regions and accounts that it has not read.

Without a configuration, the providers with ambient credentials are used: the AWS
default chain, Google application default credentials, GITHUB_TOKEN. Standard
error says which are used, and which are not and why.`,
		Example: `  metsuke scan
  metsuke scan --provider aws --region eu-central-1 --category security
  metsuke scan -c metsuke.yaml -o report.json -o findings.csv --fail-on high
  metsuke scan --save-inventory estate.ndjson.gz
  metsuke scan --from estate.ndjson.gz --policy-dir my-policies
  metsuke scan --state network.tfstate --terraform-dir network
  metsuke scan --state s3://corp-states/network.tfstate --state states/
  metsuke scan --resume
  metsuke scan --store postgres://metsuke@db.example/metsuke
  metsuke scan -c metsuke.yaml --notify
  metsuke scan --account '!sandbox-*' --framework cis-aws-5.0 --group-by account`,
		Args: func(cmd *cobra.Command, args []string) error {
			if s.store.resume == resumeLatest && len(args) == 1 { // --resume RUN, without the =
				s.store.resume = args[0]
				return nil
			}
			return arguments(cobra.NoArgs)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			if err := s.configuredFailOn(cmd, &o, "scan.fail_on", s.config.Scan.FailOn); err != nil {
				return err
			}
			if c := s.config.Scan.RequireCoverage; c > 0 && !cmd.Flags().Changed("require-coverage") {
				o.coverage = float64(c)
			}
			if err := s.store.check(from != ""); err != nil {
				return err
			}
			if err := o.addConfigured(s.config); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			if notifies {
				if err := s.canTell(p); err != nil {
					return err
				}
			}
			if _, err := s.sel.choose(e); err != nil { // before anybody is asked for credentials
				return err
			}
			ctx := cmd.Context()
			if timeout == 0 {
				timeout = time.Duration(s.config.Scan.Timeout)
			}
			if timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeoutCause(ctx, timeout, fmt.Errorf("the scan took longer than %s", timeout))
				defer cancel()
			}
			kept, err := code.open(ctx, p)
			if err != nil {
				return err
			}
			if from != "" {
				t, err := s.saved(p, from)
				if err != nil {
					return err
				}
				t.save, t.code, t.saved = save, kept, s.store.save
				return s.judge(ctx, p, e, t, &o)
			}
			ps, statuses, err := openLive(ctx, p, s.config, s.sel)
			if err != nil {
				return err
			}
			if len(ps) == 0 {
				return nothingToScan(statuses)
			}
			tell(p, statuses)
			return s.judge(ctx, p, e, target{mode: "scan", providers: ps, statuses: statuses, save: save, code: kept, saved: !s.store.no, live: true}, &o)
		},
	}
	runExits(cmd, "none")
	s.sel.addPolicyFlags(cmd)
	s.sel.addScopeFlags(cmd, liveNames(p))
	o.addReportFlags(cmd)
	addSaveFlag(cmd, &save)
	code.addFlags(cmd)
	o.addExitFlags(cmd, "none")
	flags(cmd, "General", func(f *pflag.FlagSet) {
		f.StringVar(&from, "from", "", "judge a saved inventory instead of live accounts: a `FILE`, also .gz, or - for standard input")
		f.DurationVar(&timeout, "timeout", 0, "end after this `TIME` and report what was read, marked as interrupted: 30m")
	})
	s.store.addSaveFlags(cmd, true)
	flags(cmd, storeSection, func(f *pflag.FlagSet) {
		f.BoolVar(&notifies, "notify", false, "when the run is saved, tell what came and went through notify.channels of the configuration")
	})
	s.excuses.addFlags(cmd)
	s.owners.addFlag(cmd)
	s.addFlags(cmd)
	return cmd
}
