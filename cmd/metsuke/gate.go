package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
)

func newGate(p *process) *cobra.Command {
	var s setup
	var o outputs
	var plan planOptions
	var beside againstOptions
	cmd := &cobra.Command{
		Use:   "gate PLAN...",
		Short: "Judge a Terraform plan before it is applied",
		Long: `Judge the resources of a Terraform or OpenTofu plan as they will be after the
apply, by the policies that also judge the live accounts. PLAN is the output of
"terraform show -json", "-" for standard input, or a binary plan file, which is
converted by the terraform or tofu found on PATH.

The change is judged, not the world: each failing finding is introduced by the plan,
or was there already, and what the plan mends is listed too. Introduced findings
decide the exit code. A finding was there already when the same policy finds the
same fault in the resource as it is before the apply; where that cannot be told, the
plan introduces it. --fail-on-existing counts both.

With --against, the plan is judged beside a saved inventory of the live accounts:
policies that compare resources see the planned and the live ones together, a planned
resource takes the place of its live self, and a rule or an attachment for a resource
outside of the plan is judged with what is there. metsuke scan --save-inventory and
metsuke inventory write one.

Several plans, or a directory of them as "terragrunt run --all plan --json-out-dir"
leaves it, are judged together: policies join the resources of all of them, and the
report says what is in which plan. One that cannot be read fails the gate.

A plan without changes is no error: there is nothing to judge, and that is said.

With --state a state is judged instead, the output of "terraform show -json" without
a plan: its resources as they are, and every finding counts.

With --comment the report is also a comment on the change, one for each
--comment-key, that every run replaces. The token is GITHUB_TOKEN or GITLAB_TOKEN.
A comment that cannot be written is said on standard error and changes no exit
code.`,
		Example: `  terraform plan -out=tfplan && terraform show -json tfplan > tfplan.json
  metsuke gate tfplan.json --terraform-dir .
  metsuke gate network.json service.json
  metsuke gate plans/ --terraform-dir live
  metsuke gate tfplan.json --fail-on medium -o comment.md -o results.sarif
  metsuke gate tfplan.json --fail-on-existing
  terraform show -json > state.json && metsuke gate --state state.json
  metsuke gate tfplan.json --terraform-dir . --comment github
  terraform show -json tfplan | metsuke gate - --category security
  metsuke gate tfplan.json --against estate.ndjson.gz`,
		Args: arguments(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := plan.checkArguments(cmd, args, beside); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			if plan.incomplete && s.excuses.update {
				return errors.New("--update-baseline needs a whole plan: with --allow-incomplete-plan, what is left out would look gone")
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			if err := s.configuredFailOn(cmd, &o, "gate.fail_on", s.config.Gate.FailOn); err != nil {
				return err
			}
			if !cmd.Flags().Changed("fail-on-existing") {
				o.existing = s.config.Gate.FailOnExisting
			}
			if plan.state != "" {
				return s.judgeState(cmd.Context(), p, e, plan.state, &o)
			}
			plans, err := openPlans(cmd.Context(), p, args, plan)
			if err != nil {
				return err
			}
			plans.summarise(p)
			if plans.several() && o.groupBy == "" {
				o.groupBy = "account"
			}
			t := target{
				mode: "gate", providers: s.recorded(plans.judged()),
				statuses: []finding.ProviderStatus{{Name: "terraform", Used: true, Detail: plans.detail(args)}},
				saved:    s.store.save,
			}
			if err := s.against(p, beside, &t); err != nil {
				return err
			}
			return s.judge(cmd.Context(), p, e, t, &o)
		},
	}
	runExits(cmd, "high")
	flags(cmd, "Plan", func(f *pflag.FlagSet) {
		f.StringVar(&plan.dir, "terraform-dir", "", "`DIRECTORY` of the configuration that was planned: findings then have a file and a line; of a directory of plans, where their directories are")
		f.BoolVar(&plan.incomplete, "allow-incomplete-plan", false, "accept a plan that leaves resources out, such as one made with -target")
		f.StringVar(&plan.state, "state", "", "judge a state instead of a plan: `FILE` with the output of terraform show -json, or - for standard input")
	})
	beside.addFlags(cmd)
	s.sel.addPolicyFlags(cmd)
	o.addReportFlags(cmd)
	o.comment.addFlags(cmd)
	o.addExitFlags(cmd, "high")
	flags(cmd, "Exit code", func(f *pflag.FlagSet) {
		f.BoolVar(&o.existing, "fail-on-existing", false, "count findings too that were there before the plan and that it leaves as they were")
	})
	s.store.addSaveFlags(cmd, false)
	s.excuses.addFlags(cmd)
	s.owners.addFlag(cmd)
	s.addFlags(cmd)
	return cmd
}

// checkArguments asks for a plan or a state, and refuses what does not go with a state.
func (o planOptions) checkArguments(cmd *cobra.Command, args []string, beside againstOptions) error {
	switch {
	case o.state == "":
		return arguments(cobra.MinimumNArgs(1))(cmd, args)
	case len(args) > 0:
		return fmt.Errorf("--state takes the place of PLAN: leave out %s, or --state", args[0])
	case o.dir != "":
		return errors.New("--terraform-dir goes with a plan: a state does not say which files it was made from")
	case o.incomplete:
		return errors.New("--allow-incomplete-plan goes with a plan: a state holds everything that it manages")
	case beside.file != "":
		return errors.New("--against goes with a plan: a state is what is there already")
	}
	return nil
}

// judgeState judges the resources of a state as they are.
func (s *setup) judgeState(ctx context.Context, p *process, e *engine.Engine, name string, o *outputs) error {
	state, err := openState(ctx, p, name)
	if err != nil {
		return err
	}
	sum := state.Summary()
	if sum.Managed == 0 {
		p.say("the state holds no resources: nothing was judged")
	}
	n := 0
	for _, count := range sum.Skipped {
		n += count
	}
	saySkipped(p, n, sum.Skipped)
	return s.judge(ctx, p, e, target{
		mode: "state", providers: s.recorded(state),
		statuses: []finding.ProviderStatus{{Name: "terraform", Used: true, Detail: name}}, saved: s.store.save,
	}, o)
}
