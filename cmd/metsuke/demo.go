package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/finding"
)

func newDemo(p *process) *cobra.Command {
	var s setup
	var o outputs
	var save string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Scan a simulated estate, without network or credentials",
		Long: `Run the whole pipeline, with the real provider code, on a simulated estate: an AWS
organisation of three accounts in two regions, a Google Cloud organisation with two
projects, a GitHub organisation, and a Terraform plan. The estate is judged as of
2026-07-01.`,
		Example: `  metsuke demo
  metsuke demo --category cost --group-by account
  metsuke demo --policy 'aws-s3-*' --format json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			if s.now == "" {
				s.now = demo.Now().Format(time.RFC3339)
			}
			t, err := openDemo(p, s.sel)
			if err != nil {
				return err
			}
			defer t.close()
			t.save, t.saved = save, s.store.save
			return s.judge(cmd.Context(), p, e, t.target, &o)
		},
	}
	runExits(cmd, "none")
	s.sel.addPolicyFlags(cmd)
	s.sel.addScopeFlags(cmd, demoNames())
	o.addReportFlags(cmd)
	addSaveFlag(cmd, &save)
	o.addExitFlags(cmd, "none")
	s.store.addSaveFlags(cmd, false)
	s.excuses.addFlags(cmd)
	s.owners.addFlag(cmd)
	s.addFlags(cmd)
	return cmd
}

// demoNames are the providers of the simulated estate.
func demoNames() []string { return []string{"aws", "gcp", "github", "terraform"} }

// estate is the simulated estate as something to judge.
type estate struct {
	target
	close func()
}

// openDemo returns the selected providers of the simulated estate.
func openDemo(p *process, sel selection) (estate, error) {
	if err := known("--provider", sel.providers, demoNames()); err != nil {
		return estate{}, err
	}
	sim, err := demo.New(p.faults)
	if err != nil {
		return estate{}, err
	}
	out := estate{target: target{mode: "demo"}, close: func() { _ = sim.Close() }}
	for _, prov := range sim.Providers {
		status := finding.ProviderStatus{Name: prov.Describe().Name, Used: pick(sel.providers, prov.Describe().Name), Detail: "simulated"}
		if status.Used {
			out.providers = append(out.providers, prov)
		}
		out.statuses = append(out.statuses, status)
	}
	return out, nil
}
