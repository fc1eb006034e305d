package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

func newGate(p *process) *cobra.Command {
	var s setup
	var o outputs
	var partialPlan bool
	cmd := &cobra.Command{
		Use:   "gate PLAN",
		Short: "Judge a Terraform plan before it is applied",
		Long: `Judge the resources of a Terraform or OpenTofu plan as they will be after the
apply, by the policies that also judge the live accounts. PLAN is the output of
"terraform show -json", "-" for standard input, or a binary plan file, which is
converted by the terraform or tofu found on PATH.

Exit codes: 0 no finding at or above --fail-on; 1 findings at or above it; 2 the
plan cannot be read whole, or a usage, configuration or internal error; 3 coverage
below --require-coverage, or incomplete with --incomplete=fail; 130 interrupted.`,
		Example: `  terraform plan -out=tfplan && terraform show -json tfplan > tfplan.json
  metsuke gate tfplan.json
  metsuke gate tfplan.json --fail-on medium -o markdown=comment.md -o results.sarif
  terraform show -json tfplan | metsuke gate - --category security`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			if f := s.config.Gate.FailOn; f != "" && !cmd.Flags().Changed("fail-on") {
				o.failOn = f
				if err := o.check(); err != nil {
					return fmt.Errorf("%s: gate.fail_on: %w", s.file, err)
				}
			}
			session, now, err := s.session(p, e)
			if err != nil {
				return err
			}
			plan, err := openPlan(cmd.Context(), p, args[0], partialPlan)
			if err != nil {
				return err
			}
			in := s.input("gate", now, session, []providers.Provider{plan})
			in.Statuses = []finding.ProviderStatus{{Name: "terraform", Used: true, Detail: args[0]}}
			sum := plan.Summary()
			if n := sum.Actions["create"] + sum.Actions["update"] + sum.Actions["replace"] + sum.Actions["import"]; n == 0 {
				fmt.Fprintln(p.stderr, "metsuke: the plan changes nothing")
			}
			return judge(cmd.Context(), p, in, &o)
		},
	}
	s.addFlags(cmd)
	s.sel.addPolicyFlags(cmd)
	o.addReportFlags(cmd)
	o.addExitFlags(cmd, "high")
	cmd.Flags().BoolVar(&partialPlan, "allow-incomplete-plan", false, "accept a plan that leaves resources out, such as one made with -target")
	return cmd
}

// openPlan opens a plan file, standard input, or a binary plan.
func openPlan(ctx context.Context, p *process, name string, incomplete bool) (*terraform.Provider, error) {
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		return nil, err
	}
	opt := terraform.Options{Name: name, Schemas: schemas, AllowIncomplete: incomplete}
	if name == "-" {
		opt.Name = "standard input"
		b, err := io.ReadAll(p.stdin)
		if err != nil {
			return nil, fmt.Errorf("read the plan from standard input: %w", err)
		}
		return terraform.Open(bytes.NewReader(b), int64(len(b)), opt)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("read the plan: %s is a directory; give the output of terraform show -json", name)
	}
	head := make([]byte, 4)
	if n, _ := f.ReadAt(head, 0); bytes.HasPrefix(head[:n], []byte("PK\x03\x04")) { // a plan file is a zip archive
		b, err := showPlan(ctx, p, name)
		if err != nil {
			return nil, err
		}
		return terraform.Open(bytes.NewReader(b), int64(len(b)), opt)
	}
	return terraform.Open(f, info.Size(), opt)
}

// showPlan converts a binary plan with the tool on PATH.
func showPlan(ctx context.Context, p *process, name string) ([]byte, error) {
	for _, tool := range []string{"terraform", "tofu"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			continue
		}
		var out, complaint bytes.Buffer
		cmd := exec.CommandContext(ctx, path, "show", "-json", name)
		cmd.Stdout, cmd.Stderr = &out, &complaint
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("%s is a binary plan, and %s show -json %s failed: %w\n%s", name, tool, name, err, bytes.TrimSpace(complaint.Bytes()))
		}
		return out.Bytes(), nil
	}
	return nil, errors.New(name + " is a binary plan, and neither terraform nor tofu is on PATH to convert it; give the output of terraform show -json " + name)
}
