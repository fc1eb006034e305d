package main

import (
	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/finding"
)

func newDemo(p *process) *cobra.Command {
	var s setup
	var o outputs
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Scan a simulated estate, without network or credentials",
		Long: `Run the whole pipeline, with the real provider code, on a simulated estate: an AWS
organisation of three accounts in two regions, a Google Cloud organisation with two
projects, a GitHub organisation, and a Terraform plan. The estate is judged as of
2026-07-01.

Exit codes: 0 no finding at or above --fail-on; 1 findings at or above it; 2 a usage
or internal error; 3 coverage below --require-coverage; 130 interrupted.`,
		Example: `  metsuke demo
  metsuke demo --category cost --group-by account
  metsuke demo --policy 'aws-s3-*' --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			if s.now == "" {
				s.now = demo.Now().Format("2006-01-02T15:04:05Z07:00")
			}
			session, now, err := s.session(p, e)
			if err != nil {
				return err
			}
			estate, err := demo.New(demo.Faults{})
			if err != nil {
				return err
			}
			defer func() { _ = estate.Close() }()
			in := s.input("demo", now, session, nil)
			for _, prov := range estate.Providers {
				name := prov.Describe().Name
				used := pick(s.sel.providers, name)
				in.Statuses = append(in.Statuses, finding.ProviderStatus{Name: name, Used: used, Detail: "simulated"})
				if used {
					in.Providers = append(in.Providers, prov)
				}
			}
			return judge(cmd.Context(), p, in, &o)
		},
	}
	s.addFlags(cmd)
	s.sel.addPolicyFlags(cmd)
	s.sel.addScopeFlags(cmd)
	o.addReportFlags(cmd)
	o.addExitFlags(cmd, "none")
	return cmd
}
