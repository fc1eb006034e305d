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
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

func newGate(p *process) *cobra.Command {
	var s setup
	var o outputs
	var plan planOptions
	cmd := &cobra.Command{
		Use:   "gate PLAN",
		Short: "Judge a Terraform plan before it is applied",
		Long: `Judge the resources of a Terraform or OpenTofu plan as they will be after the
apply, by the policies that also judge the live accounts. PLAN is the output of
"terraform show -json", "-" for standard input, or a binary plan file, which is
converted by the terraform or tofu found on PATH.

A plan without changes is no error: there is nothing to judge, and that is said.`,
		Example: `  terraform plan -out=tfplan && terraform show -json tfplan > tfplan.json
  metsuke gate tfplan.json --terraform-dir .
  metsuke gate tfplan.json --fail-on medium -o markdown=comment.md -o results.sarif
  terraform show -json tfplan | metsuke gate - --category security`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			if err := s.configuredFailOn(cmd, &o, "gate.fail_on", s.config.Gate.FailOn); err != nil {
				return err
			}
			prov, err := openPlan(cmd.Context(), p, args[0], plan)
			if err != nil {
				return err
			}
			summarise(p, prov.Summary())
			return s.judge(cmd.Context(), p, e, target{
				mode: "gate", providers: []providers.Provider{prov},
				statuses: []finding.ProviderStatus{{Name: "terraform", Used: true, Detail: args[0]}},
			}, &o)
		},
	}
	runExits(cmd, "high")
	flags(cmd, "Plan", func(f *pflag.FlagSet) {
		f.StringVar(&plan.dir, "terraform-dir", "", "`directory` of the configuration that was planned: findings then have a file and a line")
		f.BoolVar(&plan.incomplete, "allow-incomplete-plan", false, "accept a plan that leaves resources out, such as one made with -target")
	})
	s.sel.addPolicyFlags(cmd)
	o.addReportFlags(cmd)
	o.addExitFlags(cmd, "high")
	s.addFlags(cmd)
	return cmd
}

// summarise says what of a plan is not going to be judged.
func summarise(p *process, sum terraform.Summary) {
	if sum.Actions["create"]+sum.Actions["update"]+sum.Actions["replace"]+sum.Actions["import"] == 0 {
		p.say("the plan changes nothing")
	}
	n := 0
	var types []string
	for _, t := range sortedKeys(sum.Skipped) {
		n += sum.Skipped[t]
		types = append(types, t)
	}
	if n > 0 {
		p.say("not judged, because no policy knows their types: %d resources (%s)", n, strings.Join(first(types, 8), ", "))
	}
}

// planOptions are the flags that say how a plan is read.
type planOptions struct {
	dir        string
	incomplete bool
}

// sourceTree returns the directory from which positions are counted, and that of the
// root module below it. It is the working directory where the module is in it, as in
// a CI job, and else the repository.
func sourceTree(dir string) (root, below string, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	if info, err := os.Stat(abs); err != nil || !info.IsDir() {
		return "", "", fmt.Errorf("--terraform-dir %s: it is no directory", dir)
	}
	root = abs
	if wd, err := os.Getwd(); err == nil && isBelow(wd, abs) {
		root = wd
	} else {
		for up := abs; ; up = filepath.Dir(up) {
			if _, err := os.Stat(filepath.Join(up, ".git")); err == nil {
				root = up
				break
			}
			if up == filepath.Dir(up) {
				break
			}
		}
	}
	if below, err = filepath.Rel(root, abs); err != nil {
		return "", "", err
	}
	if below = filepath.ToSlash(below); below == "." {
		below = ""
	}
	return root, below, nil
}

func isBelow(dir, file string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && filepath.IsLocal(rel)
}

// openPlan opens a plan file, standard input, or a binary plan.
func openPlan(ctx context.Context, p *process, name string, o planOptions) (*terraform.Provider, error) {
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		return nil, err
	}
	opt := terraform.Options{Name: name, Schemas: schemas, AllowIncomplete: o.incomplete}
	if o.dir != "" {
		root, below, err := sourceTree(o.dir)
		if err != nil {
			return nil, err
		}
		opt.Sources, opt.SourceDir = os.DirFS(root), below
	}
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
		return nil, fmt.Errorf("read the plan: %w; `terraform show -json PLANFILE > plan.json` writes one", err)
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
